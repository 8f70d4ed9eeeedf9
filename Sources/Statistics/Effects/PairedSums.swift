/// What is known of the units of one arm: their number, and sums over their values y and their values x from before the
/// experiment. Two add up to what both saw.
package struct PairedSums: Sendable, Hashable {
    package var count: Int
    package var y: Double
    package var yy: Double
    package var x: Double
    package var xx: Double
    package var xy: Double

    package init(
        count: Int = 0, y: Double = 0, yy: Double = 0, x: Double = 0, xx: Double = 0, xy: Double = 0
    ) {
        self.count = count
        self.y = y
        self.yy = yy
        self.x = x
        self.xx = xx
        self.xy = xy
    }

    /// Adds a unit.
    package mutating func add(_ value: Double, before: Double = 0) {
        self += PairedSums(
            count: 1, y: value, yy: value * value, x: before, xx: before * before, xy: before * value)
    }

    package static func += (sums: inout PairedSums, other: PairedSums) {
        sums.count += other.count
        sums.y += other.y
        sums.yy += other.yy
        sums.x += other.x
        sums.xx += other.xx
        sums.xy += other.xy
    }

    package static func + (a: PairedSums, b: PairedSums) -> PairedSums {
        var sums = a
        sums += b
        return sums
    }

    private var n: Double { Double(count) }

    package var mean: Double { count > 0 ? y / n : .nan }
    package var meanBefore: Double { count > 0 ? x / n : .nan }
    package var variance: Double { max(0, yy - y * y / n) / (n - 1) }
    package var varianceBefore: Double { max(0, xx - x * x / n) / (n - 1) }
    package var covariance: Double { (xy - x * y / n) / (n - 1) }

    /// The sample as a mean with a variance.
    package var sample: SampleMean { SampleMean(count: count, mean: mean, variance: variance) }
}
