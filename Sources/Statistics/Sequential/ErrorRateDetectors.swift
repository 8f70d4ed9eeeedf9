/// DDM (Gama et al. 2004): the error rate p of a classifier with its deviation s has left the least p + s that was ever seen
/// by two of the deviations then (a warning) or three (an alarm). Values are 1 for a wrong prediction and 0 for a right one.
package struct ErrorRateDetector: SequentialDetector {
    package let warmUp: Int
    package let warningDeviations: Double
    package let driftDeviations: Double
    private var rate = RunningMean()
    private var best: Best?
    package private(set) var isWarning = false
    package private(set) var isDrifting = false

    private struct Best: Sendable, Equatable, Codable {
        var rate: Double
        var deviation: Double
    }

    package init(warmUp: Int = 30, warningDeviations: Double = 2, driftDeviations: Double = 3) {
        self.warmUp = warmUp
        self.warningDeviations = warningDeviations
        self.driftDeviations = driftDeviations
    }

    package mutating func update(_ value: Double) {
        if isDrifting {
            self = ErrorRateDetector(
                warmUp: warmUp, warningDeviations: warningDeviations, driftDeviations: driftDeviations)
        }
        rate.add(value)
        guard rate.count > warmUp else { return }
        let deviation = max(0, rate.mean * (1 - rate.mean) / Double(rate.count)).squareRoot()
        let sum = rate.mean + deviation
        let former = best ?? Best(rate: .infinity, deviation: 0)
        let best = sum <= former.rate + former.deviation ? Best(rate: rate.mean, deviation: deviation) : former
        self.best = best
        isDrifting = sum > best.rate + driftDeviations * best.deviation
        isWarning = !isDrifting && sum > best.rate + warningDeviations * best.deviation
    }
}

/// EDDM (Baena-García et al. 2006): the distance between errors, its mean with two deviations, has fallen below 0.95 (a
/// warning) or 0.9 (an alarm) of the largest it ever was; for changes that come slowly. Values are 1 for a wrong prediction
/// and 0 for a right one; a warning lasts until an error says otherwise.
package struct ErrorDistanceDetector: SequentialDetector {
    package let warmUp: Int
    package let warningLevel: Double
    package let driftLevel: Double
    private var count = 0
    private var lastError = 0
    private var errors = 0
    private var mean = 0.0
    private var spread = 0.0
    private var largest = -1.0
    package private(set) var isWarning = false
    package private(set) var isDrifting = false

    /// `warmUp` counts values, and errors as well.
    package init(warmUp: Int = 30, warningLevel: Double = 0.95, driftLevel: Double = 0.9) {
        self.warmUp = warmUp
        self.warningLevel = warningLevel
        self.driftLevel = driftLevel
    }

    package mutating func update(_ value: Double) {
        if isDrifting {
            self = ErrorDistanceDetector(warmUp: warmUp, warningLevel: warningLevel, driftLevel: driftLevel)
        }
        count += 1
        guard value == 1 else { return }
        errors += 1
        let distance = Double(count - lastError)
        lastError = count
        let former = mean
        mean += (distance - mean) / Double(errors)
        spread += (distance - former) * (distance - mean)
        guard count > warmUp else { return }
        let deviation = errors > 1 ? (spread / Double(errors - 1)).squareRoot() : 0
        let reach = mean + 2 * deviation
        if reach > largest {
            largest = reach
        } else if errors > warmUp {
            let level = reach / largest
            isDrifting = level < driftLevel
            if !isDrifting { isWarning = level < warningLevel }
        }
    }
}
