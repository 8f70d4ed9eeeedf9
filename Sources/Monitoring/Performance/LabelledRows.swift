import Incidents
import Predictions
import Statistics
import Wire

/// Labelled rows of a window as they are read.
struct LabelledRows {
    private let monitor: Monitor
    private let basis: PerformanceBasis?
    private var reader: AnswerReader?
    private var matcher: SegmentMatcher
    private var tallies: [TrafficSlice: PerformanceTally] = [:]
    /// In the order in which they came; the whole first.
    private var slices: [TrafficSlice] = []
    /// Rows that came before it was known what kind of model it is.
    private var waiting: [Prediction] = []
    private var searched: (names: [String], values: [[ColumnValue]], losses: [Double]) = ([], [], [])

    /// So many rows say what kind of model it is, if neither the manifest nor the basis does.
    private static let telling = 500

    init(_ monitor: Monitor, basis: PerformanceBasis?, known: [String]) {
        self.monitor = monitor
        self.basis = basis
        matcher = SegmentMatcher(monitor.segments, known: known)
        if let basis {
            reader = AnswerReader(task: basis.task, rule: monitor.performance, classes: basis.classes)
        }
    }

    mutating func add(_ prediction: Prediction) {
        guard let reader else {
            waiting.append(prediction)
            if waiting.count >= Self.telling { decide() }
            return
        }
        count(prediction, reader)
    }

    mutating func end() {
        if reader == nil, !waiting.isEmpty { decide() }
        for slice in slices { tallies[slice]?.endList() }
    }

    private mutating func decide() {
        let rows = waiting.compactMap { prediction in
            prediction.label.map {
                PerformanceBasis.Row(inputs: .null, output: prediction.output.json, label: $0)
            }
        }
        let task = monitor.task ?? ModelTask(outputs: rows.map(\.output), labels: rows.map(\.label))
        let classes = task == .multiclass ? PerformanceBasis.classes(of: rows, rule: monitor.performance) : []
        let reader = AnswerReader(task: task, rule: monitor.performance, classes: classes)
        self.reader = reader
        for prediction in waiting { count(prediction, reader) }
        waiting = []
    }

    private mutating func count(_ prediction: Prediction, _ reader: AnswerReader) {
        guard let label = prediction.label else { return }
        let inputs = prediction.inputs.json
        var parts = [TrafficSlice.whole]
        if !matcher.isEmpty {
            parts += matcher.segments { ColumnValue(inputs[$0]) }.map { TrafficSlice(segment: $0) }
        }
        let result = reader.outcome(output: prediction.output.json, label: label)
        for slice in parts where open(slice, reader) {
            switch result {
            case .success(let outcome): tallies[slice]?.add(outcome, request: prediction.id.request)
            case .failure(let trouble): tallies[slice]?.note(trouble.kind)
            }
        }
        if case .success(let outcome) = result, let loss = outcome.loss { search(inputs, loss) }
    }

    private mutating func open(_ slice: TrafficSlice, _ reader: AnswerReader) -> Bool {
        if tallies[slice] != nil { return true }
        guard slices.count < PerformanceReview.maximumSlices else { return false }
        tallies[slice] = PerformanceTally(reader, relevance: monitor.performance.relevance)
        slices.append(slice)
        return true
    }

    private mutating func search(_ inputs: JSON, _ loss: Double) {
        guard searched.losses.count < PerformanceReview.searchedRows else { return }
        if searched.losses.isEmpty {
            searched.names = (inputs.memberList ?? []).prefix(200).map(\.key)
            searched.values = searched.names.map { _ in [] }
        }
        for (index, name) in searched.names.enumerated() { searched.values[index].append(ColumnValue(inputs[name])) }
        searched.losses.append(loss)
    }

    var labelled: Int { tallies[.whole]?.labelled ?? 0 }

    /// The whole first, also when there is no label.
    var parts: [WindowPerformance.Part] {
        ([.whole] + slices.filter { $0 != .whole }).map { slice in
            let tally = tallies[slice]
            let labelled = tally?.labelled ?? 0
            return WindowPerformance.Part(
                slice: slice, labelled: labelled, profile: labelled > 0 ? tally?.profile : nil,
                troubles: tally?.troubles ?? [:])
        }
    }

    var weakSlices: [WeakSlice] {
        let columns = zip(searched.names, searched.values).map { (name: $0, values: $1) }
        return WeakSlice.search(columns, losses: searched.losses, .loss)
    }
}

extension Outcome {
    /// How wrong the answer was: the logarithmic loss where there is a probability, else 1 for a wrong decision; of numbers
    /// the distance. Nil when it is not finite.
    var loss: Double? {
        let loss: Double =
            switch self {
            case .binary(let isPositive, _, let score?): BinaryTally.logLoss(score, isPositive: isPositive)
            case .binary(let isPositive, let isPredictedPositive, nil): isPositive == isPredictedPositive ? 0 : 1
            case .classes(let truth, let prediction, let probabilities):
                probabilities[truth].map { BinaryTally.logLoss($0, isPositive: true) } ?? (truth == prediction ? 0 : 1)
            case .number(let truth, let prediction): abs(prediction - truth)
            }
        return loss.isFinite ? loss : nil
    }
}
