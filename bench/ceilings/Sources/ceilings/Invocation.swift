import Foundation
import NIOCore

/// One row of numbers in the form `{"dataframe_split": {"columns": […], "data": [[…]]}}`, and the answer to it. Nothing is
/// checked: it is the least that can be done.
enum Invocation {
    private static let data = Array(#""data""#.utf8)

    static func answer(_ body: ByteBuffer, _ booster: Booster) -> ByteBuffer {
        let row = body.withUnsafeReadableBytes { bytes in Self.row(of: bytes) }
        return ByteBuffer(string: "{\"predictions\":[\(booster.predict(row))]}")
    }

    private static func row(of bytes: UnsafeRawBufferPointer) -> [Double] {
        var position = 0
        while bytes[position] != UInt8(ascii: "\"") || !bytes[position...].starts(with: data) { position += 1 }
        position += data.count
        var row: [Double] = []
        row.reserveCapacity(32)
        while position < bytes.count, bytes[position] != UInt8(ascii: "]") {
            switch bytes[position] {
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): row.append(number(bytes, &position))
            default: position += 1
            }
        }
        return row
    }

    /// Exact: digits that fit 53 bits and a power of ten up to 22 need one division; all else goes to `strtod`.
    private static func number(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Double {
        let start = position
        let isNegative = bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        var isFraction = false
        scan: while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                mantissa = mantissa &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
                digits += 1
                if isFraction { scale += 1 }
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): digits = 99
            default: break scan
            }
            position += 1
        }
        guard digits <= 15 else {
            return strtod(String(decoding: bytes[start..<position], as: UTF8.self), nil)
        }
        let magnitude = Double(mantissa) / powersOfTen[scale]
        return isNegative ? -magnitude : magnitude
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
