/// What texts look like: how long they are and of which characters they are made.
package struct StringShapes: Sendable, Equatable {
    /// Texts by the bucket of their length in characters, see `lengthBucket`.
    package private(set) var lengths: [Int]
    /// Texts by their shape, see `shape(of:)`.
    package private(set) var shapes: HeavyHitters

    package init(lengths: [Int] = [], shapes: HeavyHitters = HeavyHitters()) {
        self.lengths = lengths
        self.shapes = shapes
    }

    package mutating func add(_ text: String, count: Int = 1) {
        let bucket = Self.lengthBucket(text.utf8.count { $0 & 0xC0 != 0x80 })
        if bucket >= lengths.count {
            lengths.append(contentsOf: repeatElement(0, count: bucket + 1 - lengths.count))
        }
        lengths[bucket] += count
        shapes.add(Self.shape(of: text), count: count)
    }

    package mutating func merge(_ other: StringShapes) {
        if other.lengths.count > lengths.count {
            lengths.append(contentsOf: repeatElement(0, count: other.lengths.count - lengths.count))
        }
        for (bucket, count) in other.lengths.enumerated() { lengths[bucket] += count }
        shapes.merge(other.shapes)
    }

    /// Lengths to 15 have a bucket each, longer ones four a power of two: 16–19, 20–23, 24–27, 28–31, 32–39, …
    package static func lengthBucket(_ length: Int) -> Int {
        guard length >= 16 else { return length }
        let octave = Int.bitWidth - 1 - length.leadingZeroBitCount
        return 16 + 4 * (octave - 4) + (length >> (octave - 2) & 3)
    }

    /// The least length in a bucket.
    package static func leastLength(ofBucket bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let (octave, quarter) = ((bucket - 16) / 4 + 4, (bucket - 16) % 4)
        return (4 + quarter) << (octave - 2)
    }

    /// So long a shape is cut.
    package static let shapeLength = 32

    /// Runs of small letters become `a`, of capitals `A`, of digits `9`, of white space one space, of characters beyond
    /// ASCII `¤`; other characters stay, one for each run. `DE-4711` and `FR-8` are both `A-9`.
    package static func shape(of text: String) -> String {
        var shape: [UInt8] = []
        var last: UInt8 = 0
        for byte in text.utf8 {
            let kind = kind(of: byte)
            guard kind != last else { continue }
            if shape.count == shapeLength { break }
            shape.append(kind)
            last = kind
        }
        guard shape.contains(beyondASCII) else { return String(decoding: shape, as: UTF8.self) }
        return shape.reduce(into: "") { $0.unicodeScalars.append($1 == beyondASCII ? "¤" : Unicode.Scalar($1)) }
    }

    private static let beyondASCII: UInt8 = 0x80

    private static func kind(of byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt8(ascii: "a")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt8(ascii: "A")
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt8(ascii: "9")
        case 0...0x20: UInt8(ascii: " ")
        case 0x80...: beyondASCII
        default: byte
        }
    }
}
