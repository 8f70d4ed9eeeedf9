package import Incidents
package import Statistics
package import Wire

/// What a measure is expected to be before the labels are there, and what it turned out to be once they were.
package struct PerformanceEstimate: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable {
        /// From the probabilities that the model gave its answers, calibrated where that helps (confidence-based).
        case confidence
        /// From errors that are forecast by what came in and out (direct loss estimation).
        case forecast

        /// What has to hold for it to be right.
        package var assumptions: [String] {
            switch self {
            case .confidence:
                [
                    "The probabilities stay calibrated: the same score means the same chance as on the basis.",
                    "The relation of inputs and truth has not changed; only which inputs come may have.",
                    "Inputs come from regions that the basis knows.",
                ]
            case .forecast:
                [
                    "The size of errors depends on inputs and predictions as it did on the basis.",
                    "The relation of inputs and truth has not changed; only which inputs come may have.",
                    "Inputs come from regions that the basis knows.",
                ]
            }
        }
    }

    /// Of which rows it is.
    package var slice = TrafficSlice.whole
    package let metric: String
    package let method: Method
    package let value: Double
    /// 95 %, as far as the assumptions hold.
    package let low: Double
    package let high: Double
    /// What it was made from.
    package let rows: Int
    /// What labels said later; nil until enough of them came.
    package var realised: Double?
    /// Whether that is further off than chance and `PerformanceRule.minimumChange` allow.
    package var isRefuted: Bool?

    init(_ metric: PerformanceMetric, _ method: Method, _ estimate: MetricEstimate, rows: Int) {
        self.metric = metric.name
        self.method = method
        value = estimate.value
        low = estimate.interval?.lowerBound ?? estimate.value
        high = estimate.interval?.upperBound ?? estimate.value
        self.rows = rows
    }

    /// Holds the estimate against what turned out.
    mutating func confront(_ truth: MetricEstimate, minimumChange: Double, isBounded: Bool) {
        realised = truth.value
        let band = (high - low) / 2
        let noise = 1.96 * (truth.standardError ?? 0)
        let slack = isBounded ? minimumChange : 2 * minimumChange * abs(truth.value)
        isRefuted = abs(truth.value - value) > (band * band + noise * noise).squareRoot() + slack
    }

    /// What is expected of rows whose truth is not known.
    /// - Parameter rows: inputs and outputs.
    package static func estimates(
        _ rows: [(inputs: JSON, output: JSON)], metrics: [PerformanceMetric], basis: PerformanceBasis,
        reader: AnswerReader
    ) -> [PerformanceEstimate] {
        switch basis.task {
        case .binary: twoClass(rows.map(\.output), metrics, basis, reader)
        case .multiclass: several(rows.map(\.output), metrics, basis, reader)
        case .regression: numbers(rows, metrics, basis)
        case .ranking: []
        }
    }

    private static func twoClass(
        _ outputs: [JSON], _ metrics: [PerformanceMetric], _ basis: PerformanceBasis, _ reader: AnswerReader
    ) -> [PerformanceEstimate] {
        let scores = outputs.compactMap { reader.decision($0)?.score }
        guard let calibration = basis.calibrations.first, scores.count >= MonitorWindow.minimumRows else { return [] }
        let expected = ExpectedLabels(
            scores: scores, probabilities: scores.map { calibration($0) }, threshold: reader.threshold)
        return metrics.compactMap { metric in
            expected.estimate(metric).map { PerformanceEstimate(metric, .confidence, $0, rows: scores.count) }
        }
    }

    private static func several(
        _ outputs: [JSON], _ metrics: [PerformanceMetric], _ basis: PerformanceBasis, _ reader: AnswerReader
    ) -> [PerformanceEstimate] {
        let classes = basis.classes
        guard basis.calibrations.count == classes.count, !classes.isEmpty else { return [] }
        var (probabilities, decisions): ([[Double]], [Int]) = ([], [])
        for output in outputs {
            guard let choice = reader.choice(output), let decision = classes.firstIndex(of: choice.prediction),
                !choice.probabilities.isEmpty
            else { continue }
            let calibrated = zip(classes, basis.calibrations).map { $1(choice.probabilities[$0] ?? 0) }
            let total = calibrated.reduce(0, +)
            guard total > 0 else { continue }
            probabilities.append(calibrated.map { $0 / total })
            decisions.append(decision)
        }
        guard decisions.count >= MonitorWindow.minimumRows else { return [] }
        let expected = ExpectedClasses(classes: classes, probabilities: probabilities, decisions: decisions)
        return metrics.compactMap { metric in
            expected.estimate(metric).map { PerformanceEstimate(metric, .confidence, $0, rows: decisions.count) }
        }
    }

    private static func numbers(
        _ rows: [(inputs: JSON, output: JSON)], _ metrics: [PerformanceMetric], _ basis: PerformanceBasis
    ) -> [PerformanceEstimate] {
        guard let forecast = basis.forecast else { return [] }
        let known = rows.compactMap { row -> ((String) -> ColumnValue)? in
            guard let prediction = AnswerReader.number(row.output) else { return nil }
            return { name in
                name == PerformanceBasis.predictionColumn ? .number(prediction) : ColumnValue(row.inputs[name])
            }
        }
        guard known.count >= MonitorWindow.minimumRows, let (absolute, squared) = forecast(known) else { return [] }
        let estimates = ["mae": absolute, "mse": squared, "rmse": squared.root]
        return metrics.compactMap { metric in
            estimates[metric.name].map { PerformanceEstimate(metric, .forecast, $0, rows: known.count) }
        }
    }
}

extension MetricEstimate {
    /// Its square root, the error by the delta method.
    fileprivate var root: MetricEstimate {
        let root = max(0, value).squareRoot()
        let error = root > 0 ? standardError.map { $0 / (2 * root) } : nil
        return MetricEstimate(root, standardError: error, rows: rows, within: 0...(.infinity))
    }
}

extension PerformanceEstimate: JSONRepresentable {
    package var json: JSON {
        .compact([
            "slice": slice == .whole ? Optional<JSON>.none : slice.json, "metric": .string(metric),
            "method": .string(method.rawValue), "estimate": .double(value),
            "low": .double(low), "high": .double(high), "rows": .integer(Int64(rows)),
            "realised": realised.map(JSON.double), "refuted": isRefuted.map(JSON.bool),
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of an estimate.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard let method = Method(rawValue: try fields.string("method")) else { throw FieldProblem.missing("method") }
        self.method = method
        slice = try fields.value("slice").map { try TrafficSlice(json: $0) } ?? .whole
        metric = try fields.string("metric")
        value = try fields.double("estimate")
        low = try fields.double("low")
        high = try fields.double("high")
        rows = Int(try fields.integer("rows"))
        realised = try fields.optionalDouble("realised")
        isRefuted = try fields.optionalBool("refuted")
    }
}
