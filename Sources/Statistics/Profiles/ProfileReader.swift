/// Reads what `ProfileWriter` wrote, and refuses anything else: no bytes, however chosen, make it trap, loop or take more
/// memory than a small multiple of their length.
package struct ProfileReader {
    private let bytes: [UInt8]
    package private(set) var position = 0

    /// No count is larger, so that sums of some thousands of them cannot overflow.
    package static let countLimit: UInt64 = 1 << 50

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package func problem(_ what: String) -> ProfileProblem { ProfileProblem(what, at: position) }

    package mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw problem("it ends too early") }
        position += 1
        return bytes[position - 1]
    }

    package mutating func unsigned<Value: UnsignedInteger & FixedWidthInteger>(_: Value.Type = Value.self) throws
        -> Value
    {
        // Most integers have at most nine groups, and arithmetic in 64 bits is quicker than in 128.
        var low: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            let byte = try byte()
            low |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return try exactly(low) }
        }
        var value: Value = try exactly(low)
        var shift = 63
        while true {
            let byte = try byte()
            let part = Value(byte & 0x7F)
            guard shift < Value.bitWidth, (part << shift) >> shift == part else {
                throw problem("an integer is too large")
            }
            value |= part << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    private func exactly<Value: UnsignedInteger & FixedWidthInteger>(_ value: UInt64) throws -> Value {
        guard let value = Value(exactly: value) else { throw problem("an integer is too large") }
        return value
    }

    package mutating func count(upTo limit: Int = Int(countLimit)) throws -> Int {
        let value = try unsigned(UInt64.self)
        guard value <= UInt64(limit) else { throw problem("a count is too large") }
        return Int(value)
    }

    package mutating func signed() throws -> Int128 {
        let folded = try unsigned(UInt128.self)
        return Int128(truncatingIfNeeded: folded >> 1) ^ -Int128(truncatingIfNeeded: folded & 1)
    }

    package mutating func fixed() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
        return value
    }

    package mutating func double() throws -> Double { Double(bitPattern: try fixed()) }

    package mutating func finite() throws -> Double {
        let value = try double()
        guard value.isFinite else { throw problem("a number is not finite") }
        return value
    }

    package mutating func block() throws -> [UInt8] {
        let length = try count()
        guard length <= bytes.count - position else { throw problem("it ends too early") }
        defer { position += length }
        // Without a slice, which counts references to the whole.
        return bytes.withUnsafeBufferPointer { Array(UnsafeBufferPointer(rebasing: $0[position..<position + length])) }
    }

    /// Passes over integers of any size.
    mutating func skipIntegers(_ count: Int) throws {
        var left = count
        while left > 0 {
            if try byte() < 0x80 { left -= 1 }
        }
    }

    package mutating func skipBlock() throws {
        let length = try count()
        guard length <= bytes.count - position else { throw problem("it ends too early") }
        position += length
    }

    package mutating func text() throws -> String {
        guard let text = String(validating: try block(), as: UTF8.self) else { throw problem("a text is not UTF-8") }
        return text
    }

    /// How many elements follow, each of at least `bytesEach`.
    package mutating func elements(bytesEach: Int = 1) throws -> Int {
        let count = try count()
        guard count <= (bytes.count - position) / bytesEach else { throw problem("it ends too early") }
        return count
    }

    /// The places, below `size`, of values that are not 0, with the values.
    package mutating func filled(below size: Int) throws -> [(index: Int, count: Int)] {
        var next = 0
        return try (0..<elements(bytesEach: 2)).map { _ in
            let index = next + (try count(upTo: max(0, size - next)))
            let value = try count()
            guard index < size, value > 0 else { throw problem("a place is out of range") }
            next = index + 1
            return (index, value)
        }
    }

    package func end() throws {
        guard position == bytes.count else { throw problem("something follows its end") }
    }
}
