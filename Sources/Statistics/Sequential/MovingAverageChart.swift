#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The exponentially weighted moving average chart (Roberts 1959; Montgomery, 9.2): z = λx + (1 − λ)z leaves
/// μ ± Lσ √(λ / (2 − λ) · (1 − (1 − λ)^2i)) after i values.
///
/// It does not begin anew: every value is out of control until the average is back.
package struct MovingAverageChart: SequentialDetector {
    package let level: Double
    package let deviation: Double
    /// λ, above 0 and at most 1: the weight of the newest value.
    package let weight: Double
    /// L: the width of the band in deviations of the average.
    package let width: Double
    package private(set) var average: Double
    package private(set) var count = 0

    package init(level: Double, deviation: Double, weight: Double = 0.2, width: Double = 3) {
        self.level = level
        self.deviation = deviation
        self.weight = weight
        self.width = width
        average = level
    }

    package mutating func update(_ value: Double) {
        count += 1
        average = weight * value + (1 - weight) * average
    }

    package var isDrifting: Bool {
        let share = weight / (2 - weight) * (1 - pow(1 - weight, Double(2 * count)))
        return count > 0 && abs(average - level) > width * deviation * share.squareRoot()
    }
}
