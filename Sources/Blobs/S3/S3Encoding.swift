import Foundation

/// Percent-encoding as S3 signs it (AWS's `UriEncode`): of every byte but letters, digits, `-`, `.`, `_` and `~`.
enum S3Encoding {
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// A name or a value of a query.
    static func component(_ text: String) -> String {
        encoded(text) { isUnreserved($0) }
    }

    /// The name of an object; its slashes stay.
    static func path(_ text: String) -> String {
        encoded(text) { isUnreserved($0) || $0 == UInt8(ascii: "/") }
    }

    private static func encoded(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isKept(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// A name in a listing that was asked for with `encoding-type=url`, where a plus stands for a space.
    static func decoded(_ text: String) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? text
    }
}
