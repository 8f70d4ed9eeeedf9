import Incidents
import Predictions
import Statistics

/// Whether the labels that come are about predictions that there are: where ids are cut, or those of another system, all that
/// is measured rests on the rest.
enum LabelMatch {
    static let code = "unmatched_labels"

    /// - Parameters:
    ///   - arrivals: the labels that came while the window did.
    ///   - limit: the largest share that is no trouble.
    /// - Returns: nil while all of them are.
    static func finding(_ arrivals: LabelArrivals, limit: Double, _ view: WindowView) -> Finding? {
        guard arrivals.unmatched > 0 else { return nil }
        let share = Double(arrivals.unmatched) / Double(arrivals.count)
        let pValue = TailProbability.binomialUpper(arrivals.unmatched, of: arrivals.count, chance: limit)
        let isBad =
            arrivals.count >= MonitorWindow.minimumRows && share > limit && pValue <= view.level.pValue
        return Finding(
            .quality, code, in: view.slice, verdict: isBad ? .bad : .notable, value: share, expected: 0, limit: limit,
            measure: "share", test: "binomial", pValue: pValue, rows: arrivals.count,
            words:
                "\(arrivals.unmatched) of \(arrivals.count) labels (\(share.percent)) that came are about no prediction "
                + "that there is.")
    }
}
