/// Page and Hinkley's test for a change of the mean (Page 1954; Hinkley 1971), in the form of river 0.26.1: the distances of
/// values from their running mean, cumulated with forgetting, have left their extreme by more than a threshold.
package struct PageHinkley: SequentialDetector {
    package enum Direction: String, Sendable, Codable {
        case up, down, both
    }

    package let minimumCount: Int
    /// δ: the change of the mean that does not matter.
    package let tolerance: Double
    package let threshold: Double
    /// α, at most 1: what is left of the sums at each value.
    package let forgetting: Double
    package let direction: Direction
    private var mean = RunningMean()
    private var increase = 0.0
    private var decrease = 0.0
    /// The least increase so far; nil before the first value.
    private var least: Double?
    private var greatest = -1.0
    package private(set) var isDrifting = false

    package init(
        minimumCount: Int = 30, tolerance: Double = 0.005, threshold: Double = 50, forgetting: Double = 0.9999,
        direction: Direction = .both
    ) {
        self.minimumCount = minimumCount
        self.tolerance = tolerance
        self.threshold = threshold
        self.forgetting = forgetting
        self.direction = direction
    }

    package mutating func update(_ value: Double) {
        if isDrifting {
            self = PageHinkley(
                minimumCount: minimumCount, tolerance: tolerance, threshold: threshold, forgetting: forgetting,
                direction: direction)
        }
        mean.add(value)
        let distance = value - mean.mean
        increase = forgetting * increase + distance - tolerance
        decrease = forgetting * decrease + distance + tolerance
        let least = min(least ?? .infinity, increase)
        self.least = least
        greatest = max(greatest, decrease)
        guard mean.count >= minimumCount else { return }
        let isUp = direction != .down && increase - least > threshold
        let isDown = direction != .up && greatest - decrease > threshold
        isDrifting = isUp || isDown
    }
}
