import Incidents
package import Predictions
import Statistics
package import Wire

/// Looks at the labels of one window: reads the labelled rows from the prediction log, a part at a time, and adds them up by
/// slice. Doing it again gives the same, unless labels came meanwhile.
struct PerformanceReview: Sendable {
    let monitor: Monitor
    let log: PredictionLog
    let now: Timestamp

    /// Rows read at once.
    static let page = 500
    /// Rows whose answers estimates are made from.
    static let sampleRows = 2_000
    /// Labelled rows among which weak slices are searched.
    static let searchedRows = 10_000
    /// Slices of one window; rows beyond are in the whole only.
    static let maximumSlices = 200

    private var rule: PerformanceRule { monitor.performance }

    /// What is known of a window now.
    /// - Parameters:
    ///   - known: the names of segments that windows before it had.
    ///   - referenceRows: inputs of rows that the window's are compared with, to find slices that grew.
    func performance(
        of window: PerformanceStore.Window, basis: PerformanceBasis?, known: [String], referenceRows: [JSON]
    ) async throws -> WindowPerformance {
        var rows = LabelledRows(monitor, basis: basis, known: known)
        try await forEachLabelledRow(of: window) { rows.add($0) }
        rows.end()
        var sample: [(inputs: JSON, output: JSON)] = []
        if rule.hasEstimate || !referenceRows.isEmpty { sample = try await self.sample(of: window) }
        let isComplete = rows.labelled >= window.rows && window.rows > 0
        let deadline = window.end + .seconds(86_400 * rule.labelDays)
        var performance = WindowPerformance(
            monitor: monitor.name, number: window.number, model: window.model, version: window.version,
            start: window.start, end: window.end, rows: window.rows, parts: rows.parts, estimates: [],
            slices: rows.weakSlices + grownSlices(sample, referenceRows), isFinal: isComplete || now >= deadline,
            madeAt: now)
        if rule.hasEstimate, let basis {
            performance.estimates = estimates(sample, basis: basis, truth: performance.whole?.profile)
        }
        return performance
    }

    /// The first labelled rows of a version, from its first window on: what a basis is made of when there is no dataset.
    func firstRows(from window: PerformanceStore.Window) async throws -> (rows: [PerformanceBasis.Row], last: Timestamp)
    {
        var (rows, last): ([PerformanceBasis.Row], Timestamp) = ([], window.start)
        var query = PredictionQuery(
            endpoint: monitor.endpoint, from: window.start, isLabelled: true, limit: Self.page)
        while rows.count < PerformanceBasis.maximumRows {
            let page = try await log.predictions(query)
            for prediction in page where prediction.model == window.model && prediction.version == window.version {
                guard let label = prediction.label else { continue }
                rows.append(
                    PerformanceBasis.Row(
                        inputs: prediction.inputs.json, output: prediction.output.json, label: label))
                last = max(last, prediction.time)
            }
            guard page.count == Self.page else { break }
            query.after = page.last?.id
        }
        return (rows, last)
    }

    /// A window of rows ends with its last row, one of minutes before its end.
    private func end(of window: PerformanceStore.Window) -> Timestamp {
        if case .rows = monitor.window { Timestamp(milliseconds: window.end.milliseconds + 1) } else { window.end }
    }

    private func forEachLabelledRow(
        of window: PerformanceStore.Window, _ body: (Prediction) -> Void
    ) async throws {
        var query = PredictionQuery(
            endpoint: monitor.endpoint, from: window.start, to: end(of: window), isLabelled: true, limit: Self.page)
        while true {
            let page = try await log.predictions(query)
            for prediction in page where prediction.model == window.model && prediction.version == window.version {
                body(prediction)
            }
            guard page.count == Self.page else { return }
            query.after = page.last?.id
        }
    }

    /// Rows of a window, labelled or not: all of a small one, of a large one some from each twentieth of its time.
    private func sample(of window: PerformanceStore.Window) async throws -> [(inputs: JSON, output: JSON)] {
        let parts = window.rows <= Self.sampleRows ? 1 : 20
        let (start, end) = (window.start.milliseconds, end(of: window).milliseconds)
        var rows: [(inputs: JSON, output: JSON)] = []
        for part in 0..<Int64(parts) {
            let from = start + (end - start) * part / Int64(parts)
            let to = start + (end - start) * (part + 1) / Int64(parts)
            let predictions = try await log.predictions(
                PredictionQuery(
                    endpoint: monitor.endpoint, from: Timestamp(milliseconds: from), to: Timestamp(milliseconds: to),
                    limit: Self.sampleRows / parts))
            for prediction in predictions
            where prediction.model == window.model && prediction.version == window.version {
                rows.append((prediction.inputs.json, prediction.output.json))
            }
        }
        return rows
    }

    private func estimates(
        _ sample: [(inputs: JSON, output: JSON)], basis: PerformanceBasis, truth: PerformanceProfile?
    ) -> [PerformanceEstimate] {
        let reader = AnswerReader(task: basis.task, rule: rule, classes: basis.classes)
        let metrics = rule.metrics(of: basis.profile)
        var estimates = PerformanceEstimate.estimates(sample, metrics: metrics, basis: basis, reader: reader)
        guard let truth, truth.rows >= Double(MonitorWindow.minimumRows) else { return estimates }
        for index in estimates.indices {
            guard let metric = PerformanceMetric(estimates[index].metric), let real = truth.estimate(metric) else {
                continue
            }
            estimates[index].confront(real, minimumChange: rule.minimumChange, isBounded: metric.isBounded)
        }
        return estimates
    }

    /// Where rows have become more: those of the window stand out among those of the reference.
    private func grownSlices(_ sample: [(inputs: JSON, output: JSON)], _ reference: [JSON]) -> [WeakSlice] {
        guard sample.count >= 100, reference.count >= 100 else { return [] }
        let names = (sample[0].inputs.memberList ?? []).map(\.key)
        let known = names.filter { name in reference.contains { $0[name] != nil } }
        let rows = sample.map(\.inputs) + reference
        let columns = known.map { name in (name: name, values: rows.map { ColumnValue($0[name]) }) }
        let losses = sample.map { _ in 1.0 } + reference.map { _ in 0.0 }
        var search = SliceSearch()
        search.minimumEffect = 0.3
        search.maximumSlices = 5
        return WeakSlice.search(columns, losses: losses, .growth, by: search)
    }
}

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
        var parts = [TrafficSlice.whole, TrafficSlice(variant: prediction.variant)]
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

    /// The whole first, also when there is no label; a variant that answered all is no part by itself.
    var parts: [WindowPerformance.Part] {
        let variants = slices.count { $0.variant != nil }
        let shown = slices.filter { $0 != .whole && ($0.variant == nil || variants > 1) }
        return ([.whole] + shown).map { slice in
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
