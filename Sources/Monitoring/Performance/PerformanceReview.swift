import Incidents
package import Predictions
import Statistics
package import Wire

/// Looks at the labels of one window: reads the labelled rows from the prediction log, a part at a time, and adds them up by
/// slice. Doing it again gives the same, unless labels came meanwhile.
struct PerformanceReview: Sendable {
    let monitor: Monitor
    let log: PredictionLog
    /// The predictions of the window, where they are known one by one; nil where its time and its lane tell them.
    let members: WindowMembers?
    let now: Timestamp

    /// Rows read at once.
    static let page = 500
    /// Rows whose answers estimates are made from.
    static let sampleRows = 2_000
    /// Labelled rows among which weak slices are searched.
    static let searchedRows = 10_000
    /// Slices, besides the whole, of which measures are estimated: those with the most rows.
    static let estimatedSlices = 50
    /// With fewer rows on a side nothing is said of what has become more.
    static let fewestCompared = 100
    /// Slices of one window; rows beyond are in the whole only.
    static let maximumSlices = 200

    private var rule: PerformanceRule { monitor.performance }

    /// What is known of a window now.
    /// - Parameters:
    ///   - known: the names of segments that there are already.
    ///   - inputs: those of its rows, where all are at hand.
    ///   - reference: inputs of rows that the window's are compared with, to find slices that grew.
    func performance(
        of window: PerformanceStore.Window, basis: PerformanceBasis?, known: [String], inputs: PackedRows? = nil,
        reference: GrowthReference
    ) async throws -> WindowPerformance {
        var rows = LabelledRows(monitor, basis: basis, known: known)
        try await forEachLabelledRow(of: window) { rows.add($0) }
        rows.end()
        var sample: [Prediction] = []
        if rule.hasEstimate && basis != nil || Self.isCompared(reference) && inputs == nil {
            sample = try await self.sample(of: window)
        }
        let isComplete = rows.labelled >= window.rows && window.rows > 0
        let deadline = rule.deadline(ofEnd: window.end, judgedAt: window.judgedAt)
        var performance = WindowPerformance(
            monitor: monitor.name, number: window.number, model: window.model, version: window.version,
            start: window.start, end: window.end, rows: window.rows,
            parts: rows.parts.map { part in
                var part = part
                part.rows = part.slice == .whole ? window.rows : part.slice.segment.flatMap { window.segmentRows[$0] }
                return part
            }, estimates: [],
            slices: rows.weakSlices + grownSlices(inputs, sample, reference), isFinal: isComplete || now >= deadline,
            madeAt: now)
        if rule.hasEstimate, let basis {
            performance.estimates = slices(sample, known: known).flatMap { slice, rows in
                estimates(
                    rows, in: slice, basis: basis, truth: performance.parts.first { $0.slice == slice }?.profile)
            }
        }
        return performance
    }

    /// How many labels a window has that came after a moment, or that are more than were there then.
    /// - Parameter count: of rows that had a label then.
    func labels(of window: PerformanceStore.Window, after moment: Timestamp, besides count: Int) async throws -> Int {
        var (all, later) = (0, 0)
        try await forEachLabelledRow(of: window) { prediction in
            all += 1
            // Labels may say that they were made earlier than they came.
            if let time = prediction.labelTime, time > moment { later += 1 }
        }
        return max(later, all - count)
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

    private func isMember(_ prediction: Prediction, of window: PerformanceStore.Window) -> Bool {
        members?.contains(prediction.id) ?? window.holds(prediction)
    }

    private func forEachLabelledRow(
        of window: PerformanceStore.Window, _ body: (Prediction) -> Void
    ) async throws {
        var query = PredictionQuery(
            endpoint: monitor.endpoint, from: window.start, to: end(of: window), isLabelled: true, limit: Self.page)
        while true {
            let page = try await log.predictions(query)
            for prediction in page where isMember(prediction, of: window) { body(prediction) }
            guard page.count == Self.page else { return }
            query.after = page.last?.id
        }
    }

    /// The sampled rows of the whole, and of each segment that has enough of them.
    private func slices(_ sample: [Prediction], known: [String]) -> [(slice: TrafficSlice, rows: [Prediction])] {
        var matcher = SegmentMatcher(monitor.segments, known: known)
        var slices: [TrafficSlice: [Prediction]] = [:]
        for row in sample where !matcher.isEmpty {
            let inputs = row.inputs.json
            for segment in matcher.segments(of: { ColumnValue(inputs[$0]) }) {
                slices[TrafficSlice(segment: segment), default: []].append(row)
            }
        }
        let parts = slices.filter { $0.value.count >= MonitorWindow.minimumRows }
            .sorted { ($0.value.count, $1.key.words) > ($1.value.count, $0.key.words) }
        return [(.whole, sample)] + parts.prefix(Self.estimatedSlices).map { ($0.key, $0.value) }
    }

    /// Rows of a window, labelled or not: all of a small one, of a large one some from each twentieth of its time.
    private func sample(of window: PerformanceStore.Window) async throws -> [Prediction] {
        let parts = window.rows <= Self.sampleRows ? 1 : 20
        let (start, end) = (window.start.milliseconds, end(of: window).milliseconds)
        var rows: [Prediction] = []
        for part in 0..<Int64(parts) {
            let from = start + (end - start) * part / Int64(parts)
            let to = start + (end - start) * (part + 1) / Int64(parts)
            let predictions = try await log.predictions(
                PredictionQuery(
                    endpoint: monitor.endpoint, from: Timestamp(milliseconds: from), to: Timestamp(milliseconds: to),
                    limit: Self.sampleRows / parts))
            rows += predictions.filter { isMember($0, of: window) }
        }
        return rows
    }

    private func estimates(
        _ sample: [Prediction], in slice: TrafficSlice, basis: PerformanceBasis, truth: PerformanceProfile?
    ) -> [PerformanceEstimate] {
        let reader = AnswerReader(task: basis.task, rule: rule, classes: basis.classes)
        let metrics = rule.metrics(of: basis.profile)
        let sample = sample.map { (inputs: $0.inputs.json, output: $0.output.json) }
        var estimates = PerformanceEstimate.estimates(sample, metrics: metrics, basis: basis, reader: reader)
        for index in estimates.indices { estimates[index].slice = slice }
        guard let truth, truth.rows >= Double(MonitorWindow.minimumRows) else { return estimates }
        for index in estimates.indices {
            guard let metric = PerformanceMetric(estimates[index].metric), let real = truth.estimate(metric) else {
                continue
            }
            estimates[index].confront(real, minimumChange: rule.minimumChange, isBounded: metric.isBounded)
        }
        return estimates
    }

    /// Whether there are enough rows to say what has become more than in them.
    static func isCompared(_ reference: GrowthReference) -> Bool { reference.count >= fewestCompared }

    /// Where rows have become more: those of the window stand out among those of the reference.
    private func grownSlices(
        _ inputs: PackedRows?, _ sample: [Prediction], _ reference: GrowthReference
    ) -> [WeakSlice] {
        guard Self.isCompared(reference), inputs?.count ?? sample.count >= Self.fewestCompared else { return [] }
        return WeakSlice.grown(
            inputs.map { GrowthRows($0, against: reference) } ?? GrowthRows(sample, against: reference))
    }
}
