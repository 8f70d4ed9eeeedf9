/// How often each two codes of two columns come together, counted eight rows at a time, each of which is one byte of a word.
struct PairCounts {
    /// By the first code, then by the second.
    private(set) var counts = [UInt32](repeating: 0, count: size)

    /// Codes are below its root.
    static let size = GrowthColumn.codes * GrowthColumn.codes

    /// Begins anew with these columns.
    mutating func count(_ first: [UInt8], _ second: [UInt8]) {
        precondition(first.count == second.count)
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                counts.withUnsafeMutableBufferPointer { Self.count(first, second, into: $0) }
            }
        }
    }

    /// The same in fewer bytes, where there are no more rows than that.
    var narrow: [UInt16] { counts.map { UInt16(truncatingIfNeeded: $0) } }

    @inline(__always)
    static func count(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into counts: UnsafeMutableBufferPointer<UInt32>
    ) {
        counts.update(repeating: 0)
        let words = first.count & ~7
        for row in stride(from: 0, to: words, by: 8) {
            // No code is so large that it reaches into the next byte.
            var keys =
                first.loadUnaligned(fromByteOffset: row, as: UInt64.self) &<< 3
                | second.loadUnaligned(fromByteOffset: row, as: UInt64.self)
            for _ in 0..<8 {
                counts[Int(keys & 0xFF)] &+= 1
                keys &>>= 8
            }
        }
        for row in words..<first.count { counts[Int(first[row] &<< 3 | second[row])] &+= 1 }
    }
}
