import Statistics
import Wire

/// When an experiment may be decided, if units go on coming as they have and effects stay as they are. A pure value.
///
/// A fixed plan ends with its units. With intervals that hold at any look nobody knows: the half-width of an interval shrinks about
/// with the square root of the units, so that one of half-width h around an effect e leaves out zero after about (h/e)² times as
/// many units as there are now.
struct ExperimentOutlook: Sendable, Hashable {
    enum Outlook: Sendable, Hashable {
        /// So many milliseconds from now, with so many units in each arm.
        case planned(Int64, units: Int)
        /// So many milliseconds from now, if the effect stays.
        case likely(Int64)
        /// Not within a hundred times the time that it has run.
        case far
        /// Nothing to go by yet.
        case unknown
    }

    let outlook: Outlook

    init(_ result: ExperimentResult, _ spec: ExperimentSpec, since start: Timestamp, now: Timestamp) {
        let elapsed = Double(max(1, now.milliseconds(since: start)))
        let fewest = result.arms.map(\.sums.units).min() ?? 0
        guard fewest > 0 else {
            outlook = .unknown
            return
        }
        if spec.decision.method == .fixed, let units = spec.decision.units {
            let left = Double(max(0, units - fewest)) * elapsed / Double(fewest)
            outlook = .planned(Int64(saturating: left), units: units)
            return
        }
        let factors = result.comparisons.compactMap { comparison -> Double? in
            let interval = comparison.decisive.alwaysValid
            let half = (interval.high - interval.low) / 2
            guard comparison.decisive.effect != 0, half.isFinite else { return nil }
            let ratio = half / abs(comparison.decisive.effect)
            return ratio * ratio
        }
        let byUnits = Double(ExperimentResult.minimumUnits) / Double(fewest)
        guard let factor = factors.min().map({ max($0, byUnits) }) else {
            outlook = .unknown
            return
        }
        outlook = factor > 100 ? .far : .likely(Int64(saturating: max(0, factor - 1) * elapsed))
    }

    /// - Parameter duration: spells milliseconds.
    func words(_ duration: (Int64) -> String) -> String {
        switch outlook {
        case .planned(let left, let units):
            "Decided once each arm has \(units) units: at this pace in about \(duration(left))."
        case .likely(let left):
            "If the effect stays as it is and units come as they have, the interval leaves out zero in about \(duration(left)). "
                + "It may be looked at as often as one likes."
        case .far:
            "If the effect stays as it is, it would take more than a hundred times as long as until now to tell it from none."
        case .unknown: "When it may be decided cannot be said yet."
        }
    }
}

extension ExperimentResult.Arm {
    /// Of the mean, 95 %, by the normal approximation; nil with too few units.
    package var interval: ClosedRange<Double>? {
        let sample = sums.paired(meanBefore: 0).sample
        guard sample.count > 1, sample.variance >= 0, sample.variance.isFinite else { return nil }
        let half = 1.959963984540054 * (sample.variance / Double(sample.count)).squareRoot()
        return (sample.mean - half)...(sample.mean + half)
    }
}
