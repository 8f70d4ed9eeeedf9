package import Incidents
package import Statistics
import Wire

/// How long answers took: the median and the slowest twentieth and hundredth, against limits and against the windows before.
///
/// A limit on a quantile q says that at most a share of 1 − q is slower. How surely more are is tested by the binomial
/// distribution, so that one slow answer among twenty is not called a breach of p99. Against the windows before, the same is
/// asked of the median of what the quantile was in them.
package enum LatencyFamily {
    /// Fewer requests say too little.
    package static let minimumRequests = 20
    /// A breach by chance is as rare as this, in a window in which nothing is slower.
    package static let level = 0.01

    /// What a quantile was in the windows before.
    package struct Former: Sendable, Hashable {
        package let valueMs: Double
        /// Requests, or rows, in all of them.
        package let count: Int

        package init(valueMs: Double, count: Int) {
            self.valueMs = valueMs
            self.count = count
        }

        /// Fewer windows say too little.
        static let minimumWindows = 3

        /// The median of what findings of former windows say of a quantile; nil while there are too few.
        package init?(_ key: Finding.Key, in former: [Finding]) {
            let same = former.filter { $0.key == key }
            let values = same.compactMap(\.value).sorted()
            guard values.count >= Self.minimumWindows else { return nil }
            self.init(valueMs: values[values.count / 2], count: same.reduce(0) { $0 + $1.rows })
        }
    }

    /// - Parameter history: the findings of the windows before, of any family.
    package static func findings(
        _ latency: LatencyProfile, in slice: TrafficSlice, by rule: LatencyRule, history: [Finding] = []
    ) -> [Finding] {
        let sketch = latency.sketch(of: rule.unit)
        let count = sketch.count
        guard count > 0 else { return [] }
        return LatencyRule.Quantile.allCases.compactMap { quantile in
            guard let value = sketch.quantile(quantile.rank) else { return nil }
            var finding = Finding(
                .latency, quantile.rawValue, in: slice, verdict: .fine, value: value, measure: "ms", rows: count,
                words: "\(quantile.rawValue) is \(value.words()) ms per \(rule.unit.rawValue).",
                details: ["per": .string(rule.unit.rawValue), "requests": .integer(Int64(latency.perRequest.count))])
            compare(&finding, sketch, quantile, with: Former(finding.key, in: history), by: rule)
            judge(&finding, sketch, quantile, by: rule)
            return finding
        }
    }

    /// Holds a quantile against its limit.
    private static func judge(
        _ finding: inout Finding, _ sketch: QuantileSketch, _ quantile: LatencyRule.Quantile, by rule: LatencyRule
    ) {
        guard let limit = rule.limits[quantile], let value = finding.value else { return }
        let above = sketch.count(above: limit)
        let pValue = TailProbability.binomialUpper(above, of: finding.rows, chance: 1 - quantile.rank)
        finding.limit = limit
        (finding.test, finding.pValue) = ("binomial", pValue)
        let share = (Double(above) / Double(finding.rows)).percent
        finding.words =
            "\(quantile.rawValue) is \(value.words()) ms per \(rule.unit.rawValue), where \(limit.words()) ms are "
            + "allowed: \(share) of \(finding.rows) took longer."
        if finding.rows < minimumRequests {
            finding.verdict = .unknown
        } else if value > limit {
            finding.verdict = pValue <= level ? .bad : .notable
        } else {
            finding.verdict = .fine
        }
    }

    /// Holds a quantile against that of the windows before.
    private static func compare(
        _ finding: inout Finding, _ sketch: QuantileSketch, _ quantile: LatencyRule.Quantile,
        with former: Former?, by rule: LatencyRule
    ) {
        guard let slower = rule.slower, let former, former.count >= minimumRequests, let value = finding.value,
            former.valueMs > 0
        else { return }
        let expected = former.valueMs
        let above = sketch.count(above: expected)
        let pValue = TailProbability.binomialUpper(above, of: finding.rows, chance: 1 - quantile.rank)
        finding.expected = expected
        finding.referenceRows = former.count
        (finding.test, finding.pValue) = ("binomial", pValue)
        guard finding.rows >= minimumRequests, value >= slower * expected, pValue <= level else { return }
        finding.verdict = .notable
        finding.words =
            "\(quantile.rawValue) is \(value.words()) ms per \(rule.unit.rawValue), \((value / expected).words(digits: 2)) "
            + "times the \(expected.words()) ms of the windows before."
    }
}

extension LatencyProfile {
    package func sketch(of unit: LatencyRule.Unit) -> QuantileSketch {
        switch unit {
        case .request: perRequest
        case .row: perRow
        }
    }
}
