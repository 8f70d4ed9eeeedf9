package import Incidents
import Statistics
package import Wire

/// How often an endpoint was called, in all and by each caller that the rule names: requests a minute over a stretch by the
/// clock, so that no calls at all are seen as well.
///
/// A limit that somebody set is a limit: beyond it the finding is bad. How likely so few or so many requests are at a rate of
/// the limit, if they come independently (Poisson), is said beside it.
package enum CallsFamily {
    /// - Parameter minutes: the length of the stretch in which `calls` came.
    package static func findings(
        _ calls: CallCounts, minutes: Double, in slice: TrafficSlice = .whole, by rule: CallsRule
    ) -> [Finding] {
        let total = finding(
            calls.total, of: nil, minutes: minutes, in: slice, limits: rule.total,
            details: ["rows": .integer(Int64(calls.total.rows)), "callers": .integer(Int64(calls.callers.count))])
        let callers = rule.callers.sorted { $0.key < $1.key }.map { name, limits in
            let count = calls.callers[name] ?? CallCounts.Count()
            return finding(
                count, of: name, minutes: minutes, in: slice, limits: limits,
                details: ["rows": .integer(Int64(count.rows))])
        }
        return [total] + callers
    }

    private static func finding(
        _ count: CallCounts.Count, of caller: String?, minutes: Double, in slice: TrafficSlice,
        limits: CallsRule.Limits, details: JSON
    ) -> Finding {
        let rate = Double(count.requests) / max(minutes, 1 / 60_000)
        let subject = caller.map { "'\($0)' sent" } ?? "There were"
        var finding = Finding(
            .calls, "rate", of: caller, in: slice, verdict: .fine, value: rate, measure: "requests_per_minute",
            rows: count.requests, words: "\(subject) \(rate.words()) requests a minute.", details: details)
        if let least = limits.minimumPerMinute, rate < least {
            finding.verdict = .bad
            finding.limit = least
            finding.pValue = TailProbability.poissonLower(count.requests, expected: least * minutes)
            finding.words = "\(subject) \(rate.words()) requests a minute, fewer than \(least.words())."
        } else if let most = limits.maximumPerMinute, rate > most {
            finding.verdict = .bad
            finding.limit = most
            finding.pValue = TailProbability.poissonUpper(count.requests, expected: most * minutes)
            finding.words = "\(subject) \(rate.words()) requests a minute, more than \(most.words())."
        } else {
            finding.limit = limits.minimumPerMinute ?? limits.maximumPerMinute
        }
        if finding.pValue != nil { finding.test = "poisson" }
        return finding
    }
}
