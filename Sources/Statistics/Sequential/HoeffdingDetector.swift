#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// HDDM-A (Frías-Blanco et al. 2015): the mean of bounded values, 0...1, since the best moment so far differs from the mean up
/// to it by more than Hoeffding's bound allows. Order and defaults of river 0.26.1.
package struct HoeffdingDetector: SequentialDetector {
    package let driftConfidence: Double
    package let warningConfidence: Double
    /// Whether a fall alarms too.
    package let isTwoSided: Bool
    private var all = RunningMean()
    /// Up to the moment when the mean with its bound was least, and when it was greatest.
    private var least = RunningMean()
    private var greatest = RunningMean()
    package private(set) var isWarning = false
    package private(set) var isDrifting = false

    package init(driftConfidence: Double = 0.001, warningConfidence: Double = 0.005, isTwoSided: Bool = false) {
        self.driftConfidence = driftConfidence
        self.warningConfidence = warningConfidence
        self.isTwoSided = isTwoSided
    }

    package mutating func update(_ value: Double) {
        if isDrifting {
            self = HoeffdingDetector(
                driftConfidence: driftConfidence, warningConfidence: warningConfidence, isTwoSided: isTwoSided)
        }
        all.add(value)
        if least.count == 0 { least = all }
        if greatest.count == 0 { greatest = all }
        let bound = bound(all.count)
        if least.mean + self.bound(least.count) >= all.mean + bound { least = all }
        if greatest.mean - self.bound(greatest.count) <= all.mean - bound { greatest = all }
        let rise = all.mean - least.mean
        isDrifting = exceeds(rise, since: least, driftConfidence)
        isWarning = !isDrifting && exceeds(rise, since: least, warningConfidence)
        guard isTwoSided else { return }
        let fall = greatest.mean - all.mean
        if exceeds(fall, since: greatest, driftConfidence) {
            isDrifting = true
        } else if exceeds(fall, since: greatest, warningConfidence) {
            isWarning = true
        }
    }

    private func bound(_ count: Int) -> Double {
        (1 / (2 * Double(count)) * log(1 / driftConfidence)).squareRoot()
    }

    private func exceeds(_ change: Double, since moment: RunningMean, _ confidence: Double) -> Bool {
        guard moment.count < all.count else { return false }
        let ratio = Double(all.count - moment.count) / Double(moment.count) / Double(all.count)
        return change >= (ratio / 2 * log(2 / confidence)).squareRoot()
    }
}
