package import Statistics
package import Wire

/// What was answered and what is true of one row, as measures of one kind of model need it.
package enum Outcome: Sendable, Equatable {
    /// - Parameter score: the probability of the positive class; nil when the model only decided.
    case binary(isPositive: Bool, isPredictedPositive: Bool, score: Double?)
    case classes(truth: String, prediction: String, probabilities: [String: Double])
    case number(truth: Double, prediction: Double)
}

/// Why a labelled row says nothing about the model's quality.
package enum LabelTrouble: String, Sendable, Hashable, CaseIterable {
    /// The label is of a type that such a model's truth cannot have.
    case type = "label_type"
    /// The label names no class of the model.
    case unknownClass = "label_class"
    /// The answer has no form that can be read as one of such a model, or it was not kept.
    case answer = "unreadable_answer"
}

/// Reads the answers of one kind of model and their labels.
package struct AnswerReader: Sendable, Hashable {
    package let task: ModelTask
    package let positive: String?
    package let threshold: Double
    /// Empty while they are not known.
    package let classes: [String]

    package init(task: ModelTask, rule: PerformanceRule, classes: [String] = []) {
        self.task = task
        positive = rule.positive
        threshold = rule.threshold
        self.classes = rule.classes.isEmpty ? classes : rule.classes
    }

    /// What the row says, or why it says nothing.
    package func outcome(output: JSON, label: JSON) -> Result<Outcome, Trouble> {
        switch task {
        case .binary: binary(output, label)
        case .multiclass: several(output, label)
        case .regression, .ranking: number(output, label)
        }
    }

    package struct Trouble: Error, Hashable {
        package let kind: LabelTrouble
    }

    // MARK: Two classes

    private func binary(_ output: JSON, _ label: JSON) -> Result<Outcome, Trouble> {
        guard let text = LabelText(label) else { return .failure(Trouble(kind: .type)) }
        guard let isPositive = text.isPositive(positive, classes: classes) else {
            return .failure(Trouble(kind: .unknownClass))
        }
        guard let answer = decision(output) else { return .failure(Trouble(kind: .answer)) }
        return .success(
            .binary(isPositive: isPositive, isPredictedPositive: answer.isPositive, score: answer.score))
    }

    /// What a two-class model decided, and how likely it thinks the positive class; nil for what cannot be read.
    package func decision(_ output: JSON) -> (isPositive: Bool, score: Double?)? {
        switch output {
        case .double(let score): return (score >= threshold, (0...1).contains(score) ? score : nil)
        case .integer, .string, .bool:
            return LabelText(output)?.isPositive(positive, classes: classes).map { ($0, nil) }
        case .array(let values):
            guard values.count <= 2, let last = values.last else { return nil }
            // Of two probabilities the second is the positive class's; one by itself is a value.
            return decision(last)
        case .object:
            let score = Self.first(output, of: scoreNames)?.doubleValue
            let said = Self.first(output, of: Self.decisionNames).flatMap(LabelText.init)
            let decided = said?.isPositive(positive, classes: classes) ?? score.map { $0 >= threshold }
            if let decided { return (decided, score) }
            // A single member of any other name.
            let members = output.memberList ?? []
            return members.count == 1 ? decision(members[0].value) : nil
        case .null: return nil
        }
    }

    private var scoreNames: [String] {
        let positive = positive ?? "1"
        return ["probability", "proba", "score", "probability_\(positive)", "proba_\(positive)", positive]
    }

    static let decisionNames = ["prediction", "predicted", "label", "class", "decision"]

    private static func first(_ object: JSON, of names: [String]) -> JSON? {
        names.lazy.compactMap { object[$0] }.first
    }

    // MARK: Several classes

    private func several(_ output: JSON, _ label: JSON) -> Result<Outcome, Trouble> {
        guard let truth = LabelText(label)?.text else { return .failure(Trouble(kind: .type)) }
        guard classes.isEmpty || classes.contains(truth) else { return .failure(Trouble(kind: .unknownClass)) }
        guard let answer = choice(output) else { return .failure(Trouble(kind: .answer)) }
        return .success(
            .classes(truth: truth, prediction: answer.prediction, probabilities: answer.probabilities))
    }

    /// The class that a model chose, and the probabilities that it gave; nil for what cannot be read.
    package func choice(_ output: JSON) -> (prediction: String, probabilities: [String: Double])? {
        switch output {
        case .string, .integer, .double, .bool: return LabelText(output).map { ($0.text, [:]) }
        case .array(let values):
            let numbers = values.compactMap(\.doubleValue)
            guard !numbers.isEmpty, numbers.count == values.count else { return nil }
            if numbers.count == 1 { return choice(values[0]) }
            let names = classes.count == numbers.count ? classes : numbers.indices.map(String.init)
            return (names[ScoredClasses.decision(numbers)], Dictionary(zip(names, numbers)) { $1 })
        case .object:
            let inner = output["probabilities"] ?? output["scores"]
            let given = inner.map(choice) ?? probabilities(output)
            let said = Self.first(output, of: Self.decisionNames).flatMap(LabelText.init)
            guard let prediction = said?.text ?? given?.prediction else { return nil }
            return (prediction, given?.probabilities ?? [:])
        case .null: return nil
        }
    }

    /// Members that are all numbers are the probabilities of the classes that they are named after.
    private func probabilities(_ object: JSON) -> (prediction: String, probabilities: [String: Double])? {
        let members = object.memberList ?? []
        let numbers = members.compactMap { member in member.value.doubleValue.map { (member.key, $0) } }
        guard numbers.count > 1, numbers.count == members.count else {
            return members.count == 1 ? choice(members[0].value) : nil
        }
        let best = numbers.reduce(numbers[0]) { $1.1 > $0.1 ? $1 : $0 }
        return (best.0, Dictionary(numbers) { first, _ in first })
    }

    // MARK: Numbers

    private func number(_ output: JSON, _ label: JSON) -> Result<Outcome, Trouble> {
        guard let truth = label.doubleValue, truth.isFinite else { return .failure(Trouble(kind: .type)) }
        guard let prediction = Self.number(output) else { return .failure(Trouble(kind: .answer)) }
        return .success(.number(truth: truth, prediction: prediction))
    }

    /// The number that a model answered; nil for what cannot be read.
    package static func number(_ output: JSON) -> Double? {
        switch output {
        case .integer, .double: return output.doubleValue.flatMap { $0.isFinite ? $0 : nil }
        case .array(let values): return values.count == 1 ? number(values[0]) : nil
        case .object:
            if let named = first(output, of: decisionNames + ["value", "score", "output"]) { return number(named) }
            let members = output.memberList ?? []
            return members.count == 1 ? number(members[0].value) : nil
        case .null, .bool, .string: return nil
        }
    }
}

extension ModelTask {
    /// The kind of model that gives such answers to rows of which such labels turn out true: what is assumed until somebody
    /// says it.
    package init(outputs: [JSON], labels: [JSON]) {
        let truths = Set(labels.compactMap { LabelText($0)?.text })
        let isScore = outputs.contains { if case .double(let value) = $0 { (0...1).contains(value) } else { false } }
        let isNumeric = labels.allSatisfy { $0.doubleValue != nil }
        let isTwoClass = truths.allSatisfy { LabelText(.string($0))?.isPositive(nil) != nil }
        if isTwoClass, truths.count <= 2 {
            self = .binary
        } else if !isNumeric {
            self = truths.count <= 2 && isScore ? .binary : .multiclass
        } else {
            let isWhole = labels.allSatisfy { $0.integerValue != nil } && truths.count <= 20
            let isFractional = outputs.contains {
                if case .double(let value) = $0 { value != value.rounded() } else { false }
            }
            self = isWhole && !isFractional ? .multiclass : .regression
        }
    }
}
