/// Quantiles of any finite numbers within a relative error of 1 %: DDSketch (Masson, Rim & Lee, VLDB 2019) with buckets
/// read off the bits of a number instead of its logarithm.
///
/// Each power of two is cut into 50 equal parts, so a bucket's bounds differ by at most 1 in 50 and its middle lies within
/// 1 / 101 of everything in it. The range is fixed and nothing is ever collapsed: magnitudes below 2⁻¹⁰⁰ count as 0, those
/// from 2¹⁰⁰ as just below it. So the sketch is a function of the multiset of values, and merging is exact.
package struct QuantileSketch: Sendable {
    package static let relativeError = 1.0 / 101

    static let bucketsPerOctave = 50
    private static let octaves = -100..<100
    static let bucketCount = octaves.count * bucketsPerOctave
    /// Of 2⁻¹⁰⁰, the least magnitude that is not 0.
    private static let leastBits = UInt64(1_023 + octaves.lowerBound) << 52

    /// Values whose magnitude counts as 0.
    package private(set) var zeros: Int
    /// Of bucket b, the positive values are counted at 2 (b − firstBucket), the negative ones behind them.
    private(set) var counts: [Int]
    private(set) var firstBucket: Int

    package init() {
        (zeros, counts, firstBucket) = (0, [], 0)
    }

    package init(_ values: some Sequence<Double>) {
        self.init()
        for value in values { add(value) }
    }

    /// Adds a finite number.
    @inline(__always)
    package mutating func add(_ value: Double) {
        let slot = Self.slot(of: value) &- 2 &* firstBucket
        if UInt(bitPattern: slot) < UInt(bitPattern: counts.count) {
            counts[slot] += 1
        } else {
            add(value, count: 1)
        }
    }

    package mutating func add(_ values: UnsafeBufferPointer<Double>) {
        var index = 0
        while index < values.count {
            index = addInside(values, from: index)
            if index < values.count { add(values[index], count: 1) }
            index += 1
        }
    }

    /// Adds numbers up to the first for which there is no room, and returns where it is.
    private mutating func addInside(_ values: UnsafeBufferPointer<Double>, from start: Int) -> Int {
        let first = 2 &* firstBucket
        return counts.withUnsafeMutableBufferPointer { counts in
            for index in start..<values.count {
                let slot = Self.slot(of: values[index]) &- first
                guard UInt(bitPattern: slot) < UInt(bitPattern: counts.count) else { return index }
                counts[slot] &+= 1
            }
            return values.count
        }
    }

    /// Twice the bucket of a number, plus 1 for a negative one; out of `0 ..< 2 bucketCount` beyond the range.
    @inline(__always)
    static func slot(of value: Double) -> Int {
        let magnitude = value.magnitude.bitPattern &- leastBits
        // Eight bits are left out to make room for the product; below the range it becomes too large, never small.
        let parts = (magnitude &>> 8) &* UInt64(bucketsPerOctave)
        let bucket = Int(truncatingIfNeeded: parts &>> 44)
        return 2 &* bucket &+ Int(truncatingIfNeeded: value.bitPattern >> 63)
    }

    /// The general case, which makes room for what it adds.
    package mutating func add(_ value: Double, count: Int) {
        guard value.magnitude.bitPattern >= Self.leastBits else {
            zeros += count
            return
        }
        let slot = min(Self.slot(of: value), 2 * Self.bucketCount - 2 + (value < 0 ? 1 : 0))
        reserve(slot / 2...slot / 2)
        counts[slot - 2 * firstBucket] += count
    }

    /// Makes room for whole octaves, so that values of one law seldom ask again.
    private mutating func reserve(_ buckets: ClosedRange<Int>) {
        let size = Self.bucketsPerOctave
        var first = buckets.lowerBound / size * size
        var end = (buckets.upperBound / size + 1) * size
        guard !counts.isEmpty else {
            (firstBucket, counts) = (first, Array(repeating: 0, count: 2 * (end - first)))
            return
        }
        let oldEnd = firstBucket + counts.count / 2
        first = min(first, firstBucket)
        end = max(end, oldEnd)
        guard first < firstBucket || end > oldEnd else { return }
        let below = [Int](repeating: 0, count: 2 * (firstBucket - first))
        counts = below + counts + Array(repeating: 0, count: 2 * (end - oldEnd))
        firstBucket = first
    }

    package mutating func merge(_ other: QuantileSketch) {
        zeros += other.zeros
        guard !other.counts.isEmpty else { return }
        reserve(other.firstBucket...other.firstBucket + other.counts.count / 2 - 1)
        let shift = 2 * (other.firstBucket - firstBucket)
        for (index, count) in other.counts.enumerated() where count > 0 { counts[index + shift] += count }
    }

    package var count: Int { counts.reduce(zeros, +) }

    /// The value of rank ⌊q (n − 1)⌋, counted from 0, within `relativeError`; nil when there is none.
    package func quantile(_ q: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        var rank = Int(min(1, max(0, q)) * Double(total - 1))
        let buckets = counts.count / 2
        for index in (0..<buckets).reversed() {
            rank -= counts[2 * index + 1]
            if rank < 0 { return -Self.middle(of: firstBucket + index) }
        }
        rank -= zeros
        if rank < 0 { return 0 }
        for index in 0..<buckets {
            rank -= counts[2 * index]
            if rank < 0 { return Self.middle(of: firstBucket + index) }
        }
        return nil
    }

    /// What is as near, relatively, to both bounds of a bucket.
    static func middle(of bucket: Int) -> Double {
        let octave = octaves.lowerBound + bucket / bucketsPerOctave
        let low = 1 + Double(bucket % bucketsPerOctave) / Double(bucketsPerOctave)
        let high = low + 1 / Double(bucketsPerOctave)
        return Double(sign: .plus, exponent: octave, significand: 2 * low * high / (low + high))
    }

    /// The filled buckets by slot, ascending.
    var filled: [(slot: Int, count: Int)] {
        counts.indices.filter { counts[$0] > 0 }.map { (2 * firstBucket + $0, counts[$0]) }
    }

    /// A sketch as it was stored; slots in `0 ..< 2 bucketCount`.
    init(zeros: Int, filled: [(slot: Int, count: Int)]) {
        self.init()
        self.zeros = zeros
        guard let first = filled.map(\.slot).min(), let last = filled.map(\.slot).max() else { return }
        reserve(first / 2...last / 2)
        for (slot, count) in filled { counts[slot - 2 * firstBucket] += count }
    }
}

extension QuantileSketch: Equatable {
    package static func == (a: QuantileSketch, b: QuantileSketch) -> Bool {
        a.zeros == b.zeros && a.filled.elementsEqual(b.filled) { $0 == $1 }
    }
}
