/// How often each two codes of two columns come together where each has few codes, as all have that are parted by quantiles:
/// eight rows at a time, each of which is one byte of a word.
struct NarrowCells {
    /// Codes are below it.
    static let side = 8

    /// By mark, then by the first code, then by the second.
    private let counts: [UInt32]

    /// - Parameters:
    ///   - marks: 0 or 1 for each row.
    ///   - first, second: the codes of the same rows, below `side`.
    init(_ marks: [UInt8], _ first: [UInt8], _ second: [UInt8]) {
        precondition(first.count == marks.count && second.count == marks.count)
        counts = [UInt32](unsafeUninitializedCapacity: 256) { counts, used in
            counts.initialize(repeating: 0)
            used = counts.count
            marks.withUnsafeBytes { marks in
                first.withUnsafeBytes { first in
                    second.withUnsafeBytes { second in
                        let words = marks.count & ~7
                        for row in stride(from: 0, to: words, by: 8) {
                            func word(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
                                bytes.loadUnaligned(fromByteOffset: row, as: UInt64.self)
                            }
                            // No code is so large that it reaches into the next byte.
                            var keys = word(marks) &<< 6 | word(first) &<< 3 | word(second)
                            for _ in 0..<8 {
                                counts[Int(keys & 0xFF)] &+= 1
                                keys &>>= 8
                            }
                        }
                        for row in words..<marks.count {
                            counts[Int(marks[row] &<< 6 | first[row] &<< 3 | second[row])] &+= 1
                        }
                    }
                }
            }
        }
    }

    /// How many rows with these codes have the mark 0, and how many 1.
    subscript(one: Int, other: Int) -> (unmarked: Int, marked: Int) {
        let place = one << 3 | other
        return (Int(counts[place]), Int(counts[place + 64]))
    }
}
