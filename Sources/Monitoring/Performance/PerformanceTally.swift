package import Statistics

/// What the labelled rows of one slice add up to.
package struct PerformanceTally: Sendable {
    // One of them is filled, by the kind of model; apart from each other, so that adding a row copies nothing.
    private var binary = BinaryTally()
    private var classes: ClassTally
    private var errors = ErrorTally()
    private var ranking = RankingTally()
    private let task: ModelTask
    private let relevance: Double

    package private(set) var labelled = 0
    package private(set) var troubles: [LabelTrouble: Int] = [:]
    /// The rows of the list that is being read: of one request.
    private var list: (request: String, relevances: [Double], scores: [Double])?

    package init(_ reader: AnswerReader, relevance: Double) {
        task = reader.task
        classes = ClassTally(classes: reader.classes)
        self.relevance = relevance
    }

    package var profile: PerformanceProfile {
        switch task {
        case .binary: .binary(binary)
        case .multiclass: .classes(classes)
        case .regression: .errors(errors)
        case .ranking: .ranking(ranking)
        }
    }

    package mutating func note(_ trouble: LabelTrouble) {
        troubles[trouble, default: 0] += 1
    }

    /// Adds a row. The rows of one request come one after the other.
    package mutating func add(_ outcome: Outcome, request: String) {
        switch outcome {
        case .binary(let isPositive, let isPredictedPositive, let score):
            binary.add(isPositive: isPositive, isPredictedPositive: isPredictedPositive, score: score)
        case .classes(let truth, let prediction, let probabilities):
            let names = classes.classes
            guard let label = names.firstIndex(of: truth) else { return note(.unknownClass) }
            guard let decision = names.firstIndex(of: prediction) else { return note(.answer) }
            let known = names.compactMap { probabilities[$0] }
            classes.add(
                label: label, prediction: decision, probabilities: known.count == names.count ? known : nil)
        case .number(let truth, let prediction) where task == .ranking:
            if list?.request != request {
                endList()
                list = (request, [], [])
            }
            list?.relevances.append(truth)
            list?.scores.append(prediction)
        case .number(let truth, let prediction): errors.add(truth: truth, prediction: prediction)
        }
        labelled += 1
    }

    /// Adds the list that was read last.
    package mutating func endList() {
        guard let list else { return }
        ranking.add(RankedList(relevances: list.relevances, scores: list.scores), level: relevance)
        self.list = nil
    }
}
