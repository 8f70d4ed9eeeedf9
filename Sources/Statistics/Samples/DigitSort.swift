/// Sorts many numbers by their digits instead of by comparing them: so many passes whatever the order they come in, and no
/// branch that is foreseen half of the time (LSD radix sort; Knuth, The Art of Computer Programming 3, 5.2.5).
enum DigitSort {
    private static let bits: UInt64 = 11
    private static let size = 1 << Int(bits)
    private static let digits = 6
    /// Fewer are sorted by comparing.
    private static let least = 1_024

    /// Numbers without NaN in ascending order; of both zeros there is one, 0.
    static func ascending(_ values: [Double]) -> [Double] {
        guard values.count >= least else { return values.map { $0 + 0 }.sorted() }
        var keys = values.map { key($0 + 0) }
        let counts = counts(keys)
        var other = keys
        for digit in 0..<digits {
            let part = counts[digit * size..<(digit + 1) * size]
            // Of a digit that all have in common there is nothing to sort.
            guard !part.contains(where: { $0 == keys.count }) else { continue }
            scatter(keys, by: digit, part, into: &other)
            swap(&keys, &other)
        }
        return keys.map(number)
    }

    /// How often each digit has each value, digit by digit.
    private static func counts(_ keys: [UInt64]) -> [Int] {
        var counts = [Int](repeating: 0, count: digits * size)
        counts.withUnsafeMutableBufferPointer { counts in
            for key in keys {
                for digit in 0..<digits { counts[digit &* size &+ value(of: digit, key)] &+= 1 }
            }
        }
        return counts
    }

    private static func scatter(
        _ keys: [UInt64], by digit: Int, _ counts: ArraySlice<Int>, into sorted: inout [UInt64]
    ) {
        var places: [Int] = []
        var next = 0
        for count in counts {
            places.append(next)
            next += count
        }
        places.withUnsafeMutableBufferPointer { places in
            sorted.withUnsafeMutableBufferPointer { sorted in
                for key in keys {
                    let value = value(of: digit, key)
                    sorted[places[value]] = key
                    places[value] &+= 1
                }
            }
        }
    }

    @inline(__always)
    private static func value(of digit: Int, _ key: UInt64) -> Int {
        Int(truncatingIfNeeded: key &>> (UInt64(truncatingIfNeeded: digit) &* bits)) & (size &- 1)
    }

    /// Ascends with the number.
    private static func key(_ number: Double) -> UInt64 {
        let bits = number.bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    private static func number(_ key: UInt64) -> Double {
        Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
    }
}
