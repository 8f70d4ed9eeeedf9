import Tracking
import Wire

/// Carries everything from a source to a target, record by record and file by file. What is there already is compared
/// and not doubled, so a transfer that was interrupted is simply done again.
final class Transfer {
    private let source: any ExchangeSource
    private let target: any ExchangeTarget
    private let selection: TransferSelection
    /// Told from time to time how far it is.
    private let onProgress: (TransferReport) -> Void
    private(set) var report = TransferReport()
    private var locations = LocationMap()

    /// How many records go in one request.
    private static let batch = 50

    init(
        from source: any ExchangeSource, to target: any ExchangeTarget, selection: TransferSelection = .all,
        onProgress: @escaping (TransferReport) -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.selection = selection
        self.onProgress = onProgress
    }

    func run() async throws {
        for experiment in try await source.experiments() where selection.includes(experiment: experiment) {
            try await carry(experiment: experiment)
        }
        guard selection.includesModels else { return }
        // Gathered first: while a page is open, nothing else is asked of the source.
        var models: [JSON] = []
        try await source.models { models.append($0) }
        for model in models where selection.includes(model: model) { try await carry(model: model) }
    }

    // MARK: Experiments

    private func carry(experiment: JSON) async throws {
        let id = RecordKind.experiments.id(of: experiment)
        // Runs that are asked for by their ids bring only the experiments that they are in.
        var runs = try await firstRuns(of: id)
        if selection.onlyRuns != nil, runs.isEmpty { return }
        guard let stored = try await store(.experiments, [experiment]).first, let localID = stored.localID else {
            return
        }
        report.renumber(experiment["name"]?.stringValue ?? "", from: id, to: localID)
        locations.add(experiment["artifact_location"]?.stringValue ?? "", as: stored.artifactURI ?? "")
        var linked: Set<String> = []
        if selection.onlyRuns == nil {
            runs = []
            var pending: [JSON] = []
            try await source.runs(of: id) { run in
                linked.formUnion(Self.linkedModels(of: run))
                pending.append(run)
                guard pending.count == Self.batch else { return }
                try await self.carry(runs: pending, of: localID)
                pending = []
            }
            runs = pending
        }
        for run in runs { linked.formUnion(Self.linkedModels(of: run)) }
        try await carry(runs: runs, of: localID)
        try await carryLoggedModels(of: id, as: localID, linked: linked)
    }

    /// The runs of an experiment that were asked for by their ids.
    private func firstRuns(of experiment: String) async throws -> [JSON] {
        guard let wanted = selection.onlyRuns else { return [] }
        var runs: [JSON] = []
        try await source.runs(of: experiment) { run in
            if wanted.contains(RecordKind.runs.id(of: run)) { runs.append(run) }
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
        let stored = try await store(.runs, records)
        let places = Dictionary(stored.map { ($0.id, $0.artifactURI) }, uniquingKeysWith: { first, _ in first })
        for run in runs {
            let id = RecordKind.runs.id(of: run)
            guard let place = places[id] else { continue }
            try await carryPoints(of: run)
            let owner = FileOwner(
                kind: .run, id: id, experimentID: run["info"]?["experiment_id"]?.stringValue ?? "",
                uri: run["info"]?["artifact_uri"]?.stringValue ?? "")
            try await carryFiles(of: owner, to: place)
            onProgress(report)
        }
    }

    private func carryPoints(of run: JSON) async throws {
        var pending: [JSON] = []
        var count = 0
        try await source.points(of: run) { record in
            pending.append(record)
            count += record["points"]?.arrayValue?.count ?? 0
            guard count >= ImportedPoints.limit else { return }
            try await self.storePoints(pending)
            (pending, count) = ([], 0)
        }
        try await self.storePoints(pending)
    }

    private func storePoints(_ records: [JSON]) async throws {
        guard !records.isEmpty else { return }
        _ = try await store(.metrics, records) { $0["points"]?.arrayValue?.count ?? 0 }
    }

    private func carryLoggedModels(
        of experiment: String, as localID: String, linked: Set<String>
    ) async throws {
        var pending: [JSON] = []
        try await source.loggedModels(of: experiment, linked: linked) { model in
            guard self.selection.onlyRuns == nil || linked.contains(RecordKind.loggedModels.id(of: model)) else {
                return
            }
            pending.append(model)
            guard pending.count == Self.batch else { return }
            try await self.carry(loggedModels: pending, of: localID)
            pending = []
        }
        try await self.carry(loggedModels: pending, of: localID)
    }

    private func carry(loggedModels models: [JSON], of experiment: String) async throws {
        guard !models.isEmpty else { return }
        let records = models.map { model in
            model.replacing("info", (model["info"] ?? [:]).with("experiment_id", .string(experiment)))
        }
        let stored = try await store(.loggedModels, records)
        let places = Dictionary(stored.map { ($0.id, $0.artifactURI) }, uniquingKeysWith: { first, _ in first })
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

    private func carry(model: JSON) async throws {
        guard try await !store(.models, [model]).isEmpty else { return }
        var pending: [JSON] = []
        try await source.versions(of: model) { version in
            pending.append(self.moved(version))
            guard pending.count == Self.batch else { return }
            _ = try await self.store(.versions, pending)
            pending = []
        }
        if !pending.isEmpty { _ = try await self.store(.versions, pending) }
        onProgress(report)
    }

    /// A version whose files are where they are in the target.
    private func moved(_ version: JSON) -> JSON {
        ["source", "storage_uri"].reduce(version) { version, key in
            guard let uri = version[key]?.stringValue else { return version }
            return version.replacing(key, .string(locations.map(uri)))
        }
    }

    // MARK: Storing

    /// Stores records; when the target refuses them together, each by itself, so that one bad record is one missing.
    /// - Parameter weight: how many things a record stands for.
    /// - Throws: what will not be cured by going on, such as a target that does not answer.
    private func store(
        _ kind: RecordKind, _ records: [JSON], weight: (JSON) -> Int = { _ in 1 }
    ) async throws -> [StoredRecord] {
        for record in records { report.found(kind, weight(record)) }
        do {
            let stored = try await target.store(kind, records)
            for (record, outcome) in zip(records, stored) {
                report.stored(kind, outcome, standingFor: weight(record))
            }
            return stored
        } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
            guard records.count > 1 else {
                for record in records {
                    report.failed(kind, kind.id(of: record), problem, standingFor: weight(record))
                }
                return []
            }
        }
        var stored: [StoredRecord] = []
        for record in records {
            do {
                let outcomes = try await target.store(kind, [record])
                for outcome in outcomes { report.stored(kind, outcome, standingFor: weight(record)) }
                stored += outcomes
            } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
                report.failed(kind, kind.id(of: record), problem, standingFor: weight(record))
            }
        }
        return stored
    }

    private static func isAboutTheRecord(_ problem: any Problem) -> Bool {
        (400..<500).contains(problem.code.status) && ![401, 403, 413, 429].contains(problem.code.status)
    }

    // MARK: Files

    /// - Parameter place: where they belong in the target; nil when they stay where they are.
    private func carryFiles(of owner: FileOwner, to place: String?) async throws {
        guard let place else { return report.leave(owner.uri) }
        guard let tree = try await source.files(of: owner) else {
            return report.failed(file: owner.label, Self.unreachable(owner.uri))
        }
        do {
            try await carryFolders(of: owner, tree, to: place)
        } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
            report.failed(file: owner.label, problem)
        }
    }

    private func carryFolders(of owner: FileOwner, _ tree: any FileTree, to place: String) async throws {
        var folders = [""]
        while let folder = folders.popLast() {
            let entries = try await tree.list(folder)
            guard entries.contains(where: { !$0.isFolder }) else {
                folders += entries.map(\.path)
                continue
            }
            let present = try await target.sizes(in: folder, of: owner, at: place)
            for entry in entries {
                if entry.isFolder {
                    folders.append(entry.path)
                } else {
                    try await carry(entry, present, tree, owner, place)
                }
            }
        }
    }

    private static func unreachable(_ uri: String) -> ExchangeError {
        ExchangeError(
            .doesNotExist, "its files at '\(uri)' cannot be reached from here",
            hint: "Import on the machine that has them, or name the folder of mlflow-artifacts: with --artifacts.")
    }

    private func carry(
        _ entry: FileEntry, _ present: [String: Int], _ tree: any FileTree, _ owner: FileOwner, _ place: String
    ) async throws {
        report.foundFile()
        if present[entry.path] == entry.sizeBytes { return report.stored(file: entry, isNew: false) }
        do {
            let chunks = WholeFile(
                chunks: try await tree.read(entry.path), sizeBytes: entry.sizeBytes, path: entry.path)
            try await target.write(entry, of: owner, at: place, chunks)
            report.stored(file: entry, isNew: true)
        } catch let problem as any Problem where Self.isAboutTheRecord(problem) {
            report.failed(file: "\(owner.label)/\(entry.path)", problem)
        }
        onProgress(report)
    }
}
