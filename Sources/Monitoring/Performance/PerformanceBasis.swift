package import Statistics
package import Wire

/// What the quality of a model version is held against, and what its estimates rest on: rows whose truth was known.
package struct PerformanceBasis: Sendable, Equatable {
    /// Where the rows are from.
    package enum Origin: Sendable, Hashable {
        /// The reference dataset's columns of truth and prediction; what the dataset is, in words.
        case dataset(String)
        /// The first labelled rows of production.
        case production(from: Timestamp, to: Timestamp)
    }

    /// A row whose truth was known.
    package struct Row: Sendable {
        package let inputs: JSON
        package let output: JSON
        package let label: JSON

        package init(inputs: JSON, output: JSON, label: JSON) {
            self.inputs = inputs
            self.output = output
            self.label = label
        }
    }

    package let origin: Origin
    package let task: ModelTask
    /// In the order of their names; of models of several classes only.
    package let classes: [String]
    package let rows: Int
    package let profile: PerformanceProfile
    /// Of the positive class, or of each class; empty when the answers have no probabilities.
    package let calibrations: [ScoreCalibration]
    /// Of models of numbers, where errors can be forecast.
    package let forecast: ErrorForecast?

    /// Fewer rows are no basis.
    package static let minimumRows = 100
    /// More are not needed.
    package static let maximumRows = 5_000
    /// More classes than these are not told apart.
    static let maximumClasses = 200

    package init(
        origin: Origin, task: ModelTask, classes: [String], rows: Int, profile: PerformanceProfile,
        calibrations: [ScoreCalibration], forecast: ErrorForecast?
    ) {
        self.origin = origin
        self.task = task
        self.classes = classes
        self.rows = rows
        self.profile = profile
        self.calibrations = calibrations
        self.forecast = forecast
    }

    /// Learns from rows.
    /// - Returns: nil when too few of them can be read.
    package init?(_ rows: [Row], origin: Origin, task: ModelTask?, rule: PerformanceRule) {
        guard rows.count >= Self.minimumRows else { return nil }
        let task = task ?? ModelTask(outputs: rows.map(\.output), labels: rows.map(\.label))
        let classes = task == .multiclass ? Self.classes(of: rows, rule: rule) : []
        let reader = AnswerReader(task: task, rule: rule, classes: classes)
        var tally = PerformanceTally(reader, relevance: rule.relevance)
        var outcomes: [(row: Row, outcome: Outcome)] = []
        for row in rows {
            guard case .success(let outcome) = reader.outcome(output: row.output, label: row.label) else { continue }
            // Rows of datasets are no lists: each would be one by itself.
            if task != .ranking { tally.add(outcome, request: "") }
            outcomes.append((row, outcome))
        }
        guard tally.labelled >= Self.minimumRows else { return nil }
        self.init(
            origin: origin, task: task, classes: reader.classes, rows: tally.labelled, profile: tally.profile,
            calibrations: Self.calibrations(outcomes.map(\.outcome), classes: reader.classes),
            forecast: task == .regression ? Self.forecast(outcomes) : nil)
    }

    /// Those that rows name, as truth or as prediction.
    static func classes(of rows: [Row], rule: PerformanceRule) -> [String] {
        guard rule.classes.isEmpty else { return rule.classes }
        let reader = AnswerReader(task: .multiclass, rule: rule)
        var names: Set<String> = []
        for row in rows where names.count < maximumClasses {
            if let label = LabelText(row.label) { names.insert(label.text) }
            guard let choice = reader.choice(row.output) else { continue }
            names.insert(choice.prediction)
            names.formUnion(choice.probabilities.keys)
        }
        return names.sorted()
    }

    private static func calibrations(_ outcomes: [Outcome], classes: [String]) -> [ScoreCalibration] {
        var pairs: [(score: Double, outcome: Double)] = []
        var byClass = [[(score: Double, outcome: Double)]](repeating: [], count: classes.count)
        for outcome in outcomes {
            switch outcome {
            case .binary(let isPositive, _, let score?): pairs.append((score, isPositive ? 1 : 0))
            case .classes(let truth, _, let probabilities) where !probabilities.isEmpty:
                for (index, name) in classes.enumerated() {
                    byClass[index].append((probabilities[name] ?? 0, truth == name ? 1 : 0))
                }
            default: break
            }
        }
        let all = pairs.isEmpty ? byClass : [pairs]
        guard all.allSatisfy({ $0.count >= minimumRows }) else { return [] }
        return all.map { ScoreCalibration(scores: $0.map(\.score), outcomes: $0.map(\.outcome)) }
    }

    /// The name under which forecasts see what was predicted; no input is called so.
    static let predictionColumn = "\u{0}prediction"

    private static func forecast(_ rows: [(row: Row, outcome: Outcome)]) -> ErrorForecast? {
        var names: [String] = []
        for (name, _) in rows.first?.row.inputs.memberList ?? [] { names.append(name) }
        var errors: [Double] = []
        var predictions: [ColumnValue] = []
        for (_, outcome) in rows {
            guard case .number(let truth, let prediction) = outcome else { return nil }
            errors.append(prediction - truth)
            predictions.append(.number(prediction))
        }
        let inputs = names.map { name in (name: name, values: rows.map { ColumnValue($0.row.inputs[name]) }) }
        return ErrorForecast(columns: inputs + [(name: predictionColumn, values: predictions)], errors: errors)
    }
}
