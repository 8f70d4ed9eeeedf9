/// Writes the stored form of profiles: unsigned integers in groups of seven bits, the lowest first, each with a bit that
/// says whether more follow (LEB128); signed ones folded so that small magnitudes stay short.
package struct ProfileWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// - Parameter value: not negative.
    package mutating func count(_ value: Int) { unsigned(UInt64(value)) }

    package mutating func unsigned(_ value: some UnsignedInteger & FixedWidthInteger) {
        var wide = value
        while wide > UInt64.max {
            bytes.append(UInt8(truncatingIfNeeded: wide) | 0x80)
            wide >>= 7
        }
        var rest = UInt64(truncatingIfNeeded: wide)
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func signed(_ value: Int128) {
        unsigned(UInt128(truncatingIfNeeded: value << 1 ^ value >> 127))
    }

    package mutating func double(_ value: Double) { fixed(value.bitPattern) }

    package mutating func fixed(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    package mutating func text(_ value: String) {
        count(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func block(_ value: [UInt8]) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    /// Those of `values` that are not 0, with their places.
    package mutating func filled(_ values: [Int]) {
        let filled = values.indices.filter { values[$0] != 0 }
        count(filled.count)
        var next = 0
        for index in filled {
            count(index - next)
            count(values[index])
            next = index + 1
        }
    }
}
