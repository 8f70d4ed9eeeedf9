package import Incidents
package import Statistics
import Wire

/// What is found of a model's quality: by labels where they are there, by estimates where they are not.
///
/// A measure is bad when it passes a declared limit with its whole 95 % interval and more surely than the level of the monitor's
/// alarms asks for, or is worse than on the basis by at least `minimum_change` and that with a p-value within the same level,
/// and, corrected over the measures of the slice (Benjamini–Hochberg), of at most 5 %. The level is that of both sides, and
/// p-values are of one, so that they are doubled.
/// An estimate alone is never bad: it is notable.
package enum PerformanceFamily {
    /// The code of the finding that says how many labels there are.
    package static let labelsCode = "labels"
    package static let falseDiscoveryRate = 0.05

    /// What is said of a window when it closes: that its labels are waited for. Until they are there nothing is known of it.
    package static func findings(_ view: WindowView, by rule: PerformanceRule) -> [Finding] {
        guard rule.isOn else { return [] }
        return [
            Finding(
                .performance, labelsCode, in: view.slice, verdict: .unknown, value: 0, measure: "labelled_share",
                rows: view.rows, words: "No labels have been looked at yet.")
        ]
    }

    /// What labels and estimates say of a window.
    /// - Parameters:
    ///   - basis: nil while there are no rows to compare with.
    ///   - certainty: how sure a measure must be.
    ///   - record: of former windows' estimates.
    package static func findings(
        of window: WindowPerformance, basis: PerformanceBasis?, by rule: PerformanceRule,
        _ certainty: PerformanceCertainty = .standard, record: EstimateRecord = EstimateRecord()
    ) -> [Finding] {
        guard rule.isOn else { return [] }
        var certainty = certainty
        var parts: [Finding] = []
        for part in window.parts { parts += findings(of: part, window, basis, rule, &certainty) }
        let estimates = rule.hasEstimate ? window.estimates.map { finding(of: $0, window, basis, rule, record) } : []
        return parts + estimates + window.slices.prefix(5).map { finding(of: $0) }
    }

    /// What of a window opens alerts and closes them: measures on labels. A window of which there are only estimates, or no
    /// labels yet, says neither that trouble goes on nor that it is over. Of a window all findings are of one lane: each has
    /// alerts of its own, lest a good version's windows close the alert of a bad one.
    static func measured(_ findings: [Finding], in lane: TrafficSlice) -> [Finding] {
        findings.filter { PerformanceMetric($0.code) != nil }.map { finding in
            var finding = finding
            let segment = finding.slice.segment
            finding.slice = lane
            finding.slice.segment = segment
            return finding
        }
    }

    // MARK: Labels

    private static func findings(
        of part: WindowPerformance.Part, _ window: WindowPerformance, _ basis: PerformanceBasis?,
        _ rule: PerformanceRule, _ certainty: inout PerformanceCertainty
    ) -> [Finding] {
        var findings = [coverage(of: part, window, rule)]
        for (trouble, count) in part.troubles.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            findings.append(finding(of: trouble, count, part))
        }
        guard let profile = part.profile, part.labelled > 0 else { return findings }
        let metrics = rule.metrics(of: profile)
        let measured = metrics.compactMap { metric in profile.estimate(metric).map { (metric, $0) } }
        let pValues = measured.map { metric, estimate in
            basis?.profile.estimate(metric).flatMap { pValue(estimate, worseThan: $0, metric) }
        }
        let adjusted = MultipleTesting.benjaminiHochberg(pValues.map { $0 ?? 1 })
        let level = certainty.level(rows: part.labelled, basis: basis?.rows)
        let ofLimits = certainty.level(rows: part.labelled, basis: nil)
        for (index, (metric, estimate)) in measured.enumerated() {
            let test = pValues[index].map { Test(pValue: $0, adjusted: adjusted[index], level: level) }
            findings.append(
                finding(
                    of: metric, estimate, expected: basis?.profile.estimate(metric), test, levelOfLimits: ofLimits,
                    part,
                    window, rule))
        }
        if let values = rule.values, case .binary(let tally) = profile {
            findings.append(value(of: tally, values, part))
        }
        return findings
    }

    private static func coverage(
        of part: WindowPerformance.Part, _ window: WindowPerformance, _ rule: PerformanceRule
    ) -> Finding {
        let share = part.slice == .whole ? window.coverage : part.coverage
        let all = part.slice == .whole ? window.rows : part.rows
        let state = window.isFinal ? "final" : "provisional: labels are waited for \(rule.labelDays) days"
        let count = all.map { "\(part.labelled) of \($0) rows are" } ?? "\(part.labelled) rows are"
        return Finding(
            .performance, labelsCode, in: part.slice, verdict: part.labelled > 0 ? .fine : .unknown, value: share,
            measure: "labelled_share", rows: part.labelled, words: "\(count) labelled (\(state)).",
            details: ["final": .bool(window.isFinal), "labelled": .integer(Int64(part.labelled))])
    }

    private static func finding(of trouble: LabelTrouble, _ count: Int, _ part: WindowPerformance.Part) -> Finding {
        let reason =
            switch trouble {
            case .type: "have a label of a type that such a model's truth cannot have"
            case .unknownClass:
                "have a label that names no class of the model; say 'positive' or 'classes' under performance"
            case .answer: "were answered in a form in which no prediction is found, or were not kept"
            }
        return Finding(
            .performance, trouble.rawValue, in: part.slice, verdict: .notable, value: Double(count), measure: "rows",
            rows: part.labelled + count, words: "\(count) labelled rows \(reason).")
    }

    // MARK: Measures

    /// A measure against that of the basis.
    private struct Test {
        let pValue: Double
        let adjusted: Double
        let level: Double
        var isSure: Bool { pValue <= level && adjusted <= falseDiscoveryRate }
    }

    /// The chance of a measure that is so much worse, or worse, if nothing changed; of a bias, one that lies further off 0.
    private static func pValue(
        _ estimate: MetricEstimate, worseThan basis: MetricEstimate, _ metric: PerformanceMetric
    ) -> Double? {
        if metric.name == "bias" {
            let isAbove = estimate.value > basis.value
            return (isAbove ? basis.pValueLess(than: estimate) : estimate.pValueLess(than: basis)).map {
                min(1, 2 * $0)
            }
        }
        let ofOneSide = metric.isHigherBetter ? estimate.pValueLess(than: basis) : basis.pValueLess(than: estimate)
        return ofOneSide.map { min(1, 2 * $0) }
    }

    /// How much worse a value is, in units of which `minimum_change` speaks.
    static func decline(_ value: Double, from basis: Double, _ metric: PerformanceMetric) -> Double {
        if metric.name == "bias" { return abs(value - basis) / max(abs(basis), 1e-300) / 2 }
        let difference = metric.isHigherBetter ? basis - value : value - basis
        return metric.isBounded ? difference : difference / max(abs(basis), 1e-300) / 2
    }

    private static func finding(
        of metric: PerformanceMetric, _ estimate: MetricEstimate, expected: MetricEstimate?, _ test: Test?,
        levelOfLimits: Double, _ part: WindowPerformance.Part, _ window: WindowPerformance, _ rule: PerformanceRule
    ) -> Finding {
        let limit = rule.limits.first { $0.metric == metric }
        var verdict: Finding.Verdict = limit.map { judged(estimate, by: $0, level: levelOfLimits) } ?? .fine
        if let expected, let test, test.isSure,
            decline(estimate.value, from: expected.value, metric) >= rule.minimumChange
        {
            verdict = .bad
        }
        if part.labelled < MonitorWindow.minimumRows { verdict = .unknown }
        let interval = estimate.interval.map { " (\($0.lowerBound.words()) to \($0.upperBound.words()))" } ?? ""
        let against = expected.map { ", against \($0.value.words()) on the basis" } ?? ""
        let bound = limit.map { "; it may be \($0.isMinimum ? "no less" : "no more") than \($0.value.words())" } ?? ""
        return Finding(
            .performance, metric.name, in: part.slice, verdict: verdict, value: estimate.value,
            expected: expected?.value, limit: limit?.value, measure: metric.name,
            test: test == nil ? nil : "normal", pValue: test?.pValue, adjustedPValue: test?.adjusted,
            rows: part.labelled,
            referenceRows: expected.map { Int($0.rows) },
            words: "\(metric.name) is \(estimate.value.words())\(interval) on \(part.labelled) labelled rows\(against)"
                + "\(bound).",
            details: .compact([
                "low": (estimate.interval?.lowerBound).map(JSON.double),
                "high": (estimate.interval?.upperBound).map(JSON.double), "final": .bool(window.isFinal),
                "error_bound": estimate.errorBound > 0 ? .double(estimate.errorBound) : nil,
            ]))
    }

    /// Bad when the whole interval lies beyond the limit, and that is no chance at the level; notable when only the value does.
    /// A measure without an interval is what it is.
    private static func judged(
        _ estimate: MetricEstimate, by limit: PerformanceRule.Limit, level: Double
    ) -> Finding.Verdict {
        let exact = MetricEstimate(limit.value, standardError: 0, rows: .infinity)
        let pValue = limit.isMinimum ? estimate.pValueLess(than: exact) : exact.pValueLess(than: estimate)
        let isSure = pValue.map { 2 * $0 <= level } ?? true
        let low = estimate.interval?.lowerBound ?? estimate.value
        let high = estimate.interval?.upperBound ?? estimate.value
        if limit.isMinimum {
            return high < limit.value && isSure ? .bad : estimate.value < limit.value ? .notable : .fine
        }
        return low > limit.value && isSure ? .bad : estimate.value > limit.value ? .notable : .fine
    }

    private static func value(
        of tally: BinaryTally, _ values: PerformanceRule.Values, _ part: WindowPerformance.Part
    ) -> Finding {
        let total = tally.confusion.value(
            truePositive: values.truePositive, falsePositive: values.falsePositive,
            falseNegative: values.falseNegative, trueNegative: values.trueNegative)
        let each = total / max(1, tally.confusion.total)
        return Finding(
            .performance, "value", in: part.slice, verdict: .fine, value: each, measure: "value_per_prediction",
            rows: part.labelled,
            words: "The labelled rows were worth \(total.words()), \(each.words()) each.",
            details: ["total": .double(total)])
    }

    // MARK: Estimates and slices

    private static func finding(
        of estimate: PerformanceEstimate, _ window: WindowPerformance, _ basis: PerformanceBasis?,
        _ rule: PerformanceRule, _ record: EstimateRecord
    ) -> Finding {
        let isTrusted = record.isTrusted(estimate.method)
        let metric = PerformanceMetric(estimate.metric)
        let expected = metric.flatMap { basis?.profile.estimate($0)?.value }
        let limit = rule.limits.first { $0.metric.name == estimate.metric }
        let passes = limit.map { $0.isMinimum ? estimate.high < $0.value : estimate.low > $0.value } ?? false
        var verdict: Finding.Verdict = passes ? .notable : .fine
        if let metric, let expected, decline(estimate.value, from: expected, metric) >= rule.minimumChange {
            let isClear = metric.isHigherBetter ? estimate.high < expected : estimate.low > expected
            if isClear { verdict = .notable }
        }
        if !isTrusted || estimate.isRefuted == true { verdict = .unknown }
        let said =
            "\(estimate.metric) is estimated at \(estimate.value.words()) (\(estimate.low.words()) to \(estimate.high.words()))"
        let later = estimate.realised.map { "; labels say \($0.words())" } ?? ""
        let warning =
            isTrusted ? "" : " Such estimates were wrong in \(record.words(estimate.method)): do not rely on it."
        return Finding(
            .performance, "estimated_\(estimate.metric)", in: estimate.slice, verdict: verdict, value: estimate.value,
            expected: expected, limit: limit?.value, measure: estimate.metric, test: nil, rows: estimate.rows,
            referenceRows: basis?.rows, words: "\(said)\(later).\(warning)",
            details: .compact([
                "estimate": true, "method": .string(estimate.method.rawValue), "low": .double(estimate.low),
                "high": .double(estimate.high), "assumptions": .strings(estimate.method.assumptions),
                "basis": (basis?.origin.words).map(JSON.string), "trusted": .bool(isTrusted),
                "realised": estimate.realised.map(JSON.double), "refuted": estimate.isRefuted.map(JSON.bool),
            ]))
    }

    private static func finding(of slice: WeakSlice) -> Finding {
        let what =
            switch slice.kind {
            case .loss: "the model's loss is \(slice.mean.words()) against \(slice.restMean.words()) elsewhere"
            case .growth:
                "\(slice.mean.percent) of the rows are the window's, against \(slice.restMean.percent) elsewhere"
            }
        return Finding(
            .performance, slice.kind == .loss ? "weak_slice" : "grown_slice", of: slice.condition, verdict: .notable,
            value: slice.effect, measure: "effect_size", test: "welch", pValue: slice.pValue,
            adjustedPValue: slice.adjustedPValue, rows: slice.rows, referenceRows: slice.allRows - slice.rows,
            words: "Where \(slice.condition), \(what) (\(slice.rows) of \(slice.allRows) rows).")
    }
}
