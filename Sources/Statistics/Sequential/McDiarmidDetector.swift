#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// HDDM-W (Frías-Blanco et al. 2015): the weighted mean of bounded values, 0...1, since the best moment so far differs from the
/// one up to it by more than McDiarmid's bound allows; sooner than HDDM-A for changes that come slowly. Order and defaults of
/// river 0.26.1.
package struct McDiarmidDetector: SequentialDetector {
    package let driftConfidence: Double
    package let warningConfidence: Double
    /// λ: the weight of the newest value.
    package let weight: Double
    /// Whether a fall alarms too.
    package let isTwoSided: Bool
    private var all = WeightedMean()
    private var rise = Cut()
    private var fall = Cut()
    package private(set) var isWarning = false
    package private(set) var isDrifting = false

    /// What came before the best moment and what came after it.
    private struct Cut: Sendable, Equatable, Codable {
        var point: Double?
        var before = WeightedMean()
        var after = WeightedMean()
    }

    /// A mean that forgets, and the sum of its squared weights.
    private struct WeightedMean: Sendable, Equatable, Codable {
        var mean: Double?
        var squares = 1.0

        mutating func add(_ value: Double, weight: Double) {
            mean = mean.map { weight * value + (1 - weight) * $0 } ?? value
            squares = weight * weight + (1 - weight) * (1 - weight) * squares
        }
    }

    package init(
        driftConfidence: Double = 0.001, warningConfidence: Double = 0.005, weight: Double = 0.05,
        isTwoSided: Bool = false
    ) {
        self.driftConfidence = driftConfidence
        self.warningConfidence = warningConfidence
        self.weight = weight
        self.isTwoSided = isTwoSided
    }

    package mutating func update(_ value: Double) {
        if isDrifting {
            self = McDiarmidDetector(
                driftConfidence: driftConfidence, warningConfidence: warningConfidence, weight: weight,
                isTwoSided: isTwoSided)
        }
        all.add(value, weight: weight)
        let mean = all.mean ?? value
        let bound = (all.squares * log(1 / driftConfidence) / 2).squareRoot()
        advance(&rise, to: mean + bound, isBetter: mean + bound < rise.point ?? .infinity, value)
        isDrifting = exceeds(rise.before, rise.after, driftConfidence)
        isWarning = !isDrifting && exceeds(rise.before, rise.after, warningConfidence)
        advance(&fall, to: mean - bound, isBetter: mean - bound > fall.point ?? -.infinity, value)
        guard isTwoSided else { return }
        if exceeds(fall.after, fall.before, driftConfidence) {
            isDrifting = true
        } else if exceeds(fall.after, fall.before, warningConfidence) {
            isWarning = true
        }
    }

    private func advance(_ cut: inout Cut, to point: Double, isBetter: Bool, _ value: Double) {
        if isBetter {
            cut = Cut(point: point, before: all)
        } else {
            cut.after.add(value, weight: weight)
        }
    }

    /// Whether the higher mean exceeds the lower one.
    private func exceeds(_ low: WeightedMean, _ high: WeightedMean, _ confidence: Double) -> Bool {
        guard let lowMean = low.mean, let highMean = high.mean else { return false }
        return highMean - lowMean > ((low.squares + high.squares) * log(1 / confidence) / 2).squareRoot()
    }
}
