import OrderedCollections

extension JSON {
    /// How a writer spells what JSON has no number for.
    package enum NonFinite: Sendable {
        /// `"NaN"`, `"Infinity"`, `"-Infinity"` as strings, as protobuf's JSON mapping does.
        case quoted
        /// The bare literals that Python's encoder writes.
        case literal
    }

    /// The compact UTF-8 form; doubles in their shortest form that reads back the same.
    package func bytes(nonFinite: NonFinite = .quoted) -> [UInt8] {
        var writer = JSONWriter(nonFinite: nonFinite)
        writer.write(self)
        return writer.bytes
    }

    package var text: String { String(decoding: bytes(), as: UTF8.self) }

    /// The beginning of the text, for a message. What comes after it is not looked at, however much it is.
    package func excerpt(_ length: Int = 200) -> String {
        var rest = length
        return String(beginning(&rest).text.prefix(length))
    }

    /// The value without what lies beyond the first `rest` values and characters.
    private func beginning(_ rest: inout Int) -> JSON {
        rest -= 1
        switch self {
        case .string(let text):
            let start = String(text.prefix(max(rest, 0)))
            rest -= start.utf8.count
            return .string(start)
        case .array(let elements):
            var start: [JSON] = []
            for element in elements {
                guard rest > 0 else { break }
                start.append(element.beginning(&rest))
            }
            return .array(start)
        case .object(let members):
            var start: [(String, JSON)] = []
            for (name, value) in members {
                guard rest > 0 else { break }
                rest -= name.utf8.count
                start.append((name, value.beginning(&rest)))
            }
            return .members(start)
        default: return self
        }
    }

    /// The form for people: two spaces a level.
    package var prettyText: String {
        var writer = JSONWriter(isPretty: true)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Appends JSON to a byte buffer; also used piecewise by code that streams.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private let nonFinite: JSON.NonFinite
    private let isPretty: Bool
    private var level = 0

    package init(nonFinite: JSON.NonFinite = .quoted, isPretty: Bool = false) {
        self.nonFinite = nonFinite
        self.isPretty = isPretty
    }

    /// Makes room for so many bytes more, for who knows about how much comes.
    package mutating func reserveCapacity(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

    package mutating func write(_ value: JSON) {
        switch value {
        case .null: raw("null")
        case .bool(let value): raw(value ? "true" : "false")
        case .integer(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements): array(elements) { $0.write($1) }
        case .object(let members):
            object { writer in
                for (name, value) in members {
                    writer.name(name)
                    writer.write(value)
                }
            }
        }
    }

    /// Appends text as it is.
    package mutating func raw(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var first = bytes.count
        var rest = value.magnitude
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        var last = bytes.count - 1
        while first < last {
            bytes.swapAt(first, last)
            first += 1
            last -= 1
        }
    }

    package mutating func write(_ value: Double) {
        if writeShort(value) { return }
        if value.isFinite {
            raw(value.description)
        } else {
            let name = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
            raw(nonFinite == .quoted ? "\"\(name)\"" : name)
        }
    }

    /// Writes a number of at most six places behind the point, as measurements are, in the form that `description` gives it.
    ///
    /// A decimal of up to 15 digits that reads as the number is its shortest form: no two of them read as the same.
    /// - Returns: false for any other number, of which nothing is written.
    private mutating func writeShort(_ value: Double) -> Bool {
        let magnitude = value.magnitude
        guard magnitude >= 0.001, magnitude < 1e9 else { return false }
        let millionths = (magnitude * 1e6).rounded()
        guard millionths / 1e6 == magnitude else { return false }
        let (whole, places) = UInt64(millionths).quotientAndRemainder(dividingBy: 1_000_000)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        write(Int64(whole))
        bytes.append(UInt8(ascii: "."))
        var rest = places
        var unit: UInt64 = 100_000
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        } while rest > 0
        return true
    }

    /// Appends one ASCII character of the structure.
    package mutating func mark(_ character: Unicode.Scalar) {
        bytes.append(UInt8(ascii: character))
    }

    package mutating func write(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // Stretches without anything to escape, which is nearly all of all text, are copied whole.
            var start = 0
            for index in utf8.indices where Self.needsEscape(utf8[index]) {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                escape(utf8[index])
                start = index + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            raw("\\u00")
            bytes.append(hexadecimalDigit(byte >> 4))
            bytes.append(hexadecimalDigit(byte & 15))
        }
    }

    // MARK: Objects and arrays piece by piece

    /// Writes an object; `body` writes its members.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        nested(open: UInt8(ascii: "{"), close: UInt8(ascii: "}"), body)
    }

    /// Writes an array; `each` writes an element.
    package mutating func array<Element>(_ elements: [Element], each: (inout JSONWriter, Element) -> Void) {
        nested(open: UInt8(ascii: "["), close: UInt8(ascii: "]")) { writer in
            for element in elements {
                writer.separate()
                each(&writer, element)
            }
        }
    }

    /// Writes the name of a member; its value comes next.
    package mutating func name(_ name: String) {
        separate()
        write(name)
        colon()
    }

    /// Writes a name that the program knows, which has nothing to escape.
    package mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        colon()
    }

    package mutating func member(_ name: StaticString, _ value: String) {
        self.name(name)
        write(value)
    }

    package mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        write(value)
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        if isPretty { bytes.append(0x20) }
    }

    private mutating func nested(open: UInt8, close: UInt8, _ body: (inout JSONWriter) -> Void) {
        bytes.append(open)
        level += 1
        let start = bytes.count
        body(&self)
        level -= 1
        if bytes.count > start { newline() }
        bytes.append(close)
    }

    /// Separates what comes from what was written before it in the same list.
    private mutating func separate() {
        if bytes.last != UInt8(ascii: "{"), bytes.last != UInt8(ascii: "[") { bytes.append(UInt8(ascii: ",")) }
        newline()
    }

    private mutating func newline() {
        guard isPretty else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }
}

/// A value that writes itself, for answers with so many of them that a tree in between would cost more than they do.
package protocol JSONWritable {
    func write(to writer: inout JSONWriter)
}
