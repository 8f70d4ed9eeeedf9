import Tracking
import Wire

/// Carries everything from a source to a target, record by record and file by file. What is there already is compared
/// and not doubled, so a transfer that was interrupted is simply done again. What cannot be read or is not taken is counted
/// with the reason, and the rest is carried.
final class Transfer {
    let source: any ExchangeSource
    let target: any ExchangeTarget
    let selection: TransferSelection
    /// Told from time to time how far it is.
    let onProgress: (TransferReport) -> Void
    var report = TransferReport()
    private var locations = LocationMap()
    /// The ids of experiments in the target, by those in the source.
    var experimentIDs: [String: String] = [:]
    /// The runs that were carried.
    var runIDs: [String] = []

    /// How many records go in one request.
    static let batch = 50

    init(
        from source: any ExchangeSource, to target: any ExchangeTarget, selection: TransferSelection = .all,
        onProgress: @escaping (TransferReport) -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.selection = selection
        self.onProgress = onProgress
    }

    /// - Throws: what made it stop; the report says how far it came.
    func run() async throws {
        do {
            for experiment in try await experiments() { try await carry(experiment: experiment) }
            try await carryTraceLinks()
            if selection.includesModels { try await carryModels() }
            if selection.includesDatasets { try await carryEvaluationDatasets() }
            if selection.isAll { try await carryWebhooks() }
        } catch let stop as TransferStop {
            throw stop.reason
        }
    }

    /// Reads a list of the source. When it breaks off, that is noted, and the rest is carried.
    /// - Parameter owner: whose list it is.
    func read(_ kind: RecordKind, _ owner: String, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch  where !TransferStop.isDue(after: error) {
            report.brokeOff(kind, owner, error)
        }
    }

    /// The record; nil for a broken one, which is noted.
    func whole(_ kind: RecordKind, _ record: SourceRecord) -> JSON? {
        switch record {
        case .whole(let json): return json
        case .broken(let id, let error):
            report.found(kind)
            report.failed(kind, id, error)
            return nil
        }
    }

    // MARK: Experiments

    private func experiments() async throws -> [JSON] {
        var experiments: [JSON] = []
        try await source.experiments { record in
            guard let experiment = self.whole(.experiments, record) else { return }
            if self.selection.includes(experiment: experiment) { experiments.append(experiment) }
        }
        return experiments
    }

    private func carry(experiment: JSON) async throws {
        let id = RecordKind.experiments.id(of: experiment)
        let name = experiment["name"]?.stringValue ?? id
        // Runs that are asked for by their ids bring only the experiments that they are in.
        var runs = try await firstRuns(of: id)
        if selection.onlyRuns != nil, runs.isEmpty { return }
        guard let stored = try await store(.experiments, [experiment]).first, let localID = stored.localID else {
            return
        }
        experimentIDs[id] = localID
        report.renumber(name, from: id, to: localID)
        locations.add(experiment["artifact_location"]?.stringValue ?? "", as: stored.artifactURI ?? "")
        var linked: Set<String> = []
        if selection.onlyRuns == nil {
            var pending: [JSON] = []
            try await read(.runs, "of experiment '\(name)'") {
                try await source.runs(of: id) { record in
                    guard let run = self.whole(.runs, record) else { return }
                    linked.formUnion(Self.linkedModels(of: run))
                    pending.append(run)
                    guard pending.count == Self.batch else { return }
                    try await self.carry(runs: pending, of: localID)
                    pending = []
                }
            }
            runs = pending
        }
        for run in runs { linked.formUnion(Self.linkedModels(of: run)) }
        try await carry(runs: runs, of: localID)
        try await carryLoggedModels(of: id, as: localID, linked: linked)
        try await carryTraces(of: id, as: localID, name: name)
    }

    /// The runs of an experiment that were asked for by their ids.
    private func firstRuns(of experiment: String) async throws -> [JSON] {
        guard let wanted = selection.onlyRuns else { return [] }
        var runs: [JSON] = []
        try await source.runs(of: experiment) { record in
            guard case .whole(let run) = record, wanted.contains(RecordKind.runs.id(of: run)) else { return }
            runs.append(run)
        }
        return runs
    }

    private static func linkedModels(of run: JSON) -> [String] {
        let inputs = run["inputs"]?["model_inputs"]?.arrayValue ?? []
        let outputs = run["outputs"]?["model_outputs"]?.arrayValue ?? []
        return (inputs + outputs).compactMap { $0["model_id"]?.stringValue }
    }

    private func carry(runs: [JSON], of experiment: String) async throws {
        guard !runs.isEmpty else { return }
        let records = runs.map { run in
            run.replacing("info", (run["info"] ?? [:]).with("experiment_id", .string(experiment)))
        }
        let places = Self.places(of: try await store(.runs, records))
        for run in runs {
            let id = RecordKind.runs.id(of: run)
            guard let place = places[id] else { continue }
            runIDs.append(id)
            try await carryPoints(of: run)
            let owner = FileOwner(
                kind: .run, id: id, experimentID: run["info"]?["experiment_id"]?.stringValue ?? "",
                uri: run["info"]?["artifact_uri"]?.stringValue ?? "")
            try await carryFiles(of: owner, to: place)
            onProgress(report)
        }
    }

    /// Where the files of what was stored belong, by its id.
    static func places(of stored: [StoredRecord]) -> [String: String?] {
        Dictionary(stored.map { ($0.id, $0.artifactURI) }, uniquingKeysWith: { first, _ in first })
    }

    private func carryPoints(of run: JSON) async throws {
        var pending: [JSON] = []
        var count = 0
        try await read(.metrics, "of run \(RecordKind.runs.id(of: run))") {
            try await source.points(of: run) { record in
                guard let points = self.whole(.metrics, record) else { return }
                pending.append(points)
                count += RecordKind.metrics.weight(of: points)
                guard count >= ImportedPoints.limit else { return }
                try await self.store(.metrics, pending)
                (pending, count) = ([], 0)
                self.onProgress(self.report)
            }
        }
        try await store(.metrics, pending)
    }

    private func carryLoggedModels(
        of experiment: String, as localID: String, linked: Set<String>
    ) async throws {
        var pending: [JSON] = []
        try await read(.loggedModels, "of experiment \(experiment)") {
            try await source.loggedModels(of: experiment, linked: linked) { record in
                guard let model = self.whole(.loggedModels, record) else { return }
                guard self.selection.onlyRuns == nil || linked.contains(RecordKind.loggedModels.id(of: model)) else {
                    return
                }
                pending.append(model)
                guard pending.count == Self.batch else { return }
                try await self.carry(loggedModels: pending, of: localID)
                pending = []
            }
        }
        try await carry(loggedModels: pending, of: localID)
    }

    private func carry(loggedModels models: [JSON], of experiment: String) async throws {
        let records = models.map { model in
            model.replacing("info", (model["info"] ?? [:]).with("experiment_id", .string(experiment)))
        }
        let places = Self.places(of: try await store(.loggedModels, records))
        for model in models {
            let id = RecordKind.loggedModels.id(of: model)
            guard let place = places[id] else { continue }
            let owner = FileOwner(
                kind: .loggedModel, id: id, experimentID: model["info"]?["experiment_id"]?.stringValue ?? "",
                uri: model["info"]?["artifact_uri"]?.stringValue ?? "")
            try await carryFiles(of: owner, to: place)
        }
    }

    // MARK: Registered models

    private func carryModels() async throws {
        // Gathered first: while a page is open, nothing else is asked of the source.
        var models: [JSON] = []
        try await read(.models, "of the registry") {
            try await source.models { record in
                guard let model = self.whole(.models, record), self.selection.includes(model: model) else { return }
                models.append(model)
            }
        }
        for model in models { try await carry(model: model) }
    }

    private func carry(model: JSON) async throws {
        guard try await !store(.models, [model]).isEmpty else { return }
        var pending: [JSON] = []
        try await read(.versions, "of '\(RecordKind.models.id(of: model))'") {
            try await source.versions(of: model) { record in
                guard let version = self.whole(.versions, record) else { return }
                pending.append(self.moved(version))
                guard pending.count == Self.batch else { return }
                try await self.store(.versions, pending)
                pending = []
            }
        }
        try await store(.versions, pending)
        onProgress(report)
    }

    /// A version whose files are where they are in the target.
    private func moved(_ version: JSON) -> JSON {
        ["source", "storage_uri"].reduce(version) { version, key in
            guard let uri = version[key]?.stringValue else { return version }
            return version.replacing(key, .string(locations.map(uri)))
        }
    }

    // MARK: Webhooks

    private func carryWebhooks() async throws {
        var webhooks: [JSON] = []
        try await read(.webhooks, "of the registry") {
            try await source.webhooks { record in
                if let webhook = self.whole(.webhooks, record) { webhooks.append(webhook) }
            }
        }
        try await store(.webhooks, webhooks)
    }
}
