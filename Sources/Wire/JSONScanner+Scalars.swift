#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension JSONScanner {
    /// Reads a string; the next byte must be its opening quote.
    package mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        var joined: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            joined |= byte
            position += 1
        }
        guard position < bytes.count else { throw error("the string does not end", at: start - 1) }
        if bytes[position] == UInt8(ascii: "\"") {
            let utf8 = UnsafeBufferPointer(rebasing: bytes[start..<position])
            position += 1
            // ASCII, as nearly all names and many values are, needs no validation.
            return joined < 0x80 ? String(decoding: utf8, as: UTF8.self) : try text(utf8, at: start)
        }
        return try escapedString(from: start)
    }

    /// Reads a string if it comes next and is `text`, spelled without escapes.
    package mutating func take(string text: String) -> Bool {
        guard peek() == UInt8(ascii: "\"") else { return false }
        let start = position + 1
        let end = start + text.utf8.count
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return false }
        var text = text
        let isSpelled = text.withUTF8 { expected in
            var index = 0
            while index < expected.count {
                let byte = expected[index]
                let isPlain = byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                guard bytes[start + index] == byte, isPlain else { return false }
                index += 1
            }
            return true
        }
        guard isSpelled else { return false }
        position = end + 1
        return true
    }

    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try unescaped.withUnsafeBufferPointer { buffer in
                    Result { () throws(JSONSyntaxError) in try text(buffer, at: start) }
                }.get()
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw error("a control character in a string must be escaped", at: position - 1)
            default: unescaped.append(byte)
            }
        }
        throw error("the string does not end", at: start - 1)
    }

    private func text(_ utf8: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw error("invalid UTF-8", at: start) }
        return text
    }

    private mutating func escape(into unescaped: inout [UInt8]) throws(JSONSyntaxError) {
        guard position < bytes.count else { throw error("the string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped.append(contentsOf: try escapedScalar().utf8)
        default: throw error("unknown escape", at: position - 2)
        }
    }

    private mutating func escapedScalar() throws(JSONSyntaxError) -> String {
        let first = try hexadecimal()
        guard (0xD800..<0xE000).contains(first) else {
            return Unicode.Scalar(first).map { String(Character($0)) } ?? "\u{FFFD}"
        }
        // A surrogate pair spells one scalar; half a pair has no meaning and becomes the replacement character.
        let hasSecond =
            first < 0xDC00 && position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\\")
            && bytes[position + 1] == UInt8(ascii: "u")
        guard hasSecond else { return "\u{FFFD}" }
        let restart = position
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else {
            position = restart
            return "\u{FFFD}"
        }
        let scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return Unicode.Scalar(scalar).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("expected four hexadecimal digits") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        position += 4
        return value
    }

    /// Reads a number exactly: integers of up to 64 bits as they are, all others as the nearest double.
    package mutating func number() throws(JSONSyntaxError) -> JSON {
        guard let decimal = try decimal() else { return .double(-.infinity) }
        if decimal.isInteger, let integer = decimal.integer { return .integer(integer) }
        return .double(double(decimal))
    }

    /// Passes over a number, which is checked and not worked out.
    mutating func skipNumber() throws(JSONSyntaxError) {
        try countValue()
        _ = try decimal()
    }

    /// A number as it is spelled: its digits as a whole number, of which so many stand behind the point.
    private struct Decimal {
        let spelling: Range<Int>
        let isNegative: Bool
        /// Without a point and an exponent.
        let isInteger: Bool
        let hasExponent: Bool
        /// Wraps around when there are more than 19 digits.
        let mantissa: UInt64
        /// Those that stand before the first other than 0 do not count.
        let digitCount: Int
        let scale: Int

        var integer: Int64? {
            guard digitCount <= 19 else { return nil }
            if isNegative { return mantissa == 1 << 63 ? .min : Int64(exactly: mantissa).map { -$0 } }
            return Int64(exactly: mantissa)
        }
    }

    /// - Returns: nil for minus infinity.
    private mutating func decimal() throws(JSONSyntaxError) -> Decimal? {
        let start = position
        let isNegative = byteIs(UInt8(ascii: "-"))
        if isNegative { position += 1 }
        if isNegative, byteIs(UInt8(ascii: "I")) {
            guard case .double = try value() else { throw error("expected a number") }
            return nil
        }
        var mantissa: UInt64 = 0
        let firstDigit = position
        let whole = digits(&mantissa)
        guard whole > 0 else { throw error("expected a value", at: start) }
        let startsWithZero = bytes[firstDigit] == UInt8(ascii: "0")
        if startsWithZero, whole > 1 { throw error("a number may not start with 0", at: start) }
        var (scale, hasExponent) = (0, false)
        let hasPoint = byteIs(UInt8(ascii: "."))
        if hasPoint {
            position += 1
            scale = digits(&mantissa)
            guard scale > 0 else { throw error("expected digits after the point") }
        }
        var digitCount = whole + scale
        if startsWithZero {
            digitCount -= 1
            if hasPoint { digitCount -= bytes[(firstDigit + 2)..<position].prefix { $0 == UInt8(ascii: "0") }.count }
        }
        if byteIs(UInt8(ascii: "e")) || byteIs(UInt8(ascii: "E")) {
            hasExponent = true
            position += 1
            if byteIs(UInt8(ascii: "+")) || byteIs(UInt8(ascii: "-")) { position += 1 }
            var exponent: UInt64 = 0
            guard digits(&exponent) > 0 else { throw error("expected digits in the exponent") }
        }
        return Decimal(
            spelling: start..<position, isNegative: isNegative, isInteger: !hasPoint && !hasExponent,
            hasExponent: hasExponent, mantissa: mantissa, digitCount: digitCount, scale: scale)
    }

    private func byteIs(_ byte: UInt8) -> Bool {
        position < bytes.count && bytes[position] == byte
    }

    /// Reads digits behind those of `value`.
    /// - Returns: how many.
    private mutating func digits(_ value: inout UInt64) -> Int {
        let start = position
        var (index, read) = (start, value)
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            read = read &* 10 &+ UInt64(digit)
            index &+= 1
        }
        (position, value) = (index, read)
        return index - start
    }

    /// The nearest double. Decimal text of at most 15 digits and a small exponent is exact with one multiplication or
    /// division (Clinger's fast path); with up to 19 digits it nearly always is with 64 bits of significand. The rest goes
    /// to `strtod`.
    private func double(_ decimal: Decimal) -> Double {
        let magnitude: Double
        if decimal.hasExponent {
            return slowDouble(in: decimal.spelling)
        } else if decimal.digitCount <= 15, decimal.scale <= 22 {
            magnitude = Double(decimal.mantissa) / Self.powersOfTen[decimal.scale]
        } else if decimal.digitCount <= 19, let quotient = Self.longQuotient(decimal.mantissa, decimal.scale) {
            magnitude = quotient
        } else {
            return slowDouble(in: decimal.spelling)
        }
        return decimal.isNegative ? -magnitude : magnitude
    }

    /// `mantissa` divided by a power of ten, rounded to a double.
    /// - Returns: nil where rounding twice, to 64 bits and then to 53, could differ from rounding once: when the 11 bits in
    ///   between are half of what they can be, or next to it.
    private static func longQuotient(_ mantissa: UInt64, _ scale: Int) -> Double? {
        #if arch(x86_64) || arch(i386)
            // Up to 10^27 a power of ten has no more than 64 significant bits.
            guard scale <= 22 else { return nil }
            let quotient = Float80(mantissa) / Float80(powersOfTen[scale])
            let between = quotient.significandBitPattern & 0x7FF
            return (0x3FF...0x401).contains(between) ? nil : Double(quotient)
        #else
            return nil
        #endif
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private func slowDouble(in range: Range<Int>) -> Double {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: range.count + 1) { text in
            for (offset, index) in range.enumerated() { text[offset] = CChar(bitPattern: bytes[index]) }
            text[range.count] = 0
            return text.baseAddress.map { strtod($0, nil) } ?? .nan
        }
    }
}
