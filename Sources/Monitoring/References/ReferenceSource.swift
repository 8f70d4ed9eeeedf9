package import Artifacts
package import Blobs
import NIOCore
package import Predictions
package import Tables
package import Tracking
import Wire

/// Where the rows come from that a model version was trained on: the dataset that the run behind it logged, or a file of
/// rows among its artifacts.
package struct ReferenceSource: Sendable {
    private let runs: RunStore
    private let artifacts: ArtifactStore
    private let predictions: @Sendable () throws -> PredictionLog
    private let reader: ReferenceReader
    private let monitors: @Sendable (_ endpoint: String) async throws -> [String]
    private let runID: @Sendable (_ model: String, _ version: Int) async throws -> String?

    /// - Parameters:
    ///   - predictions: asked for when they are needed, because the log tells its observers what needs references.
    ///   - monitors: those that watch an endpoint, by name.
    ///   - runID: the run that made a version of a registered model; nil when none is known.
    package init(
        runs: RunStore, artifacts: ArtifactStore, predictions: @escaping @Sendable () throws -> PredictionLog,
        tables: TableEngine, monitors: @escaping @Sendable (_ endpoint: String) async throws -> [String],
        runID: @escaping @Sendable (_ model: String, _ version: Int) async throws -> String?
    ) {
        self.runs = runs
        self.artifacts = artifacts
        self.predictions = predictions
        self.monitors = monitors
        self.runID = runID
        reader = ReferenceReader(blobs: artifacts.blobs, tables: tables)
    }

    /// Rows, and the run that logged them, if one did.
    package struct Rows: Sendable {
        package let table: TrainingTable
        package let runID: String?
    }

    /// What a monitor chose to compare a version of a model with.
    /// - Throws: `MonitorError` that says why there is none.
    func rows(
        _ choice: ReferenceChoice, endpoint: String, model: String, version: Int
    ) async throws -> Rows {
        switch choice {
        case .logged(let context): return try await rows(of: model, version: version, context: context)
        case .previous, .season: return try await rows(of: model, version: version, context: "training")
        case .file(let key): return Rows(table: try await table(at: BlobKey(key)), runID: nil)
        case .production(let from, let to):
            let table = try await ProductionRows(log: predictions(), endpoint: endpoint, from: from, to: to).table()
            return Rows(table: table, runID: nil)
        }
    }

    /// What all servers counted of an endpoint in a stretch of time, by the monitor that counted most of it; nil when the
    /// prediction log of this server has all there is.
    func counted(of endpoint: String, from: Timestamp, to: Timestamp, in windows: WindowStore) async throws
        -> ProductionCount?
    {
        let counts = try await windows.production(of: try await monitors(endpoint), from: from, to: to)
        let own = try predictions().source
        guard let most = counts.max(by: { $0.rows < $1.rows }), most.sources.contains(where: { $0 != own }) else {
            return nil
        }
        return try await windows.production(of: most.monitor, from: from, to: to)
    }

    /// The rows that the run behind a version logged with `context`.
    /// - Throws: `MonitorError` when no run is known or it logged no such rows on this server.
    private func rows(of model: String, version: Int, context: String) async throws -> Rows {
        let origin: String?
        do {
            origin = try await runID(model, version)
        } catch let problem as any Problem where problem.code == .doesNotExist {
            throw MonitorError(
                .doesNotExist,
                "No version \(version) of a model '\(model)' is registered here, so nobody knows what it was trained on.",
                hint: "Name rows to compare with: martlet monitors reference NAME --file rows.parquet")
        }
        guard let runID = origin else {
            throw MonitorError(
                .doesNotExist, "Version \(version) of model '\(model)' was not registered from a run.",
                hint:
                    "Register it from the run that trained it, so that its training data is known, or name other rows "
                    + "with 'martlet monitors reference'.")
        }
        let run = try await runs.run(runID)
        let dataset = run.datasetInputs.last { $0.context == context }?.dataset
        if let file = dataset.flatMap(logged) { return Rows(table: try await reader.table(file), runID: runID) }
        let names = [context, dataset?.name].compactMap(\.self)
        let others = run.datasetInputs.filter { $0.context != context }.compactMap { logged($0.dataset) }
        if let file = try await file(named: names, in: run, besides: others) {
            return Rows(table: try await reader.table(file), runID: runID)
        }
        throw Self.nothing(dataset, context: context, runID: runID)
    }

    /// Rows that were sent to this server as a file.
    func table(at key: BlobKey) async throws -> TrainingTable {
        guard let file = ReferenceFile(key) else { throw Self.unreadable(key) }
        return try await reader.table(file)
    }

    /// Keeps a file of rows, which must be one that can be read.
    func keep(
        _ body: any AsyncSequence<ByteBuffer, any Error> & Sendable, at key: BlobKey
    ) async throws -> TrainingTable {
        _ = try await artifacts.blobs.put(key, body)
        do {
            return try await table(at: key)
        } catch {
            try? await artifacts.blobs.delete(key)
            throw error
        }
    }

    /// The files that monitors were sent, each in a folder of its monitor and of the moment at which it came.
    func files(in folder: BlobKey, sentBefore limit: Timestamp) async throws -> [BlobKey] {
        let blobs = artifacts.blobs
        func members(_ key: BlobKey) async throws -> [BlobKey] {
            guard try await blobs.info(key)?.isFolder == true else { return [] }
            return try await blobs.list(key).map { try key.appending($0.name) }
        }
        var files: [BlobKey] = []
        for monitor in try await members(folder) {
            for moment in try await members(monitor) {
                guard let sent = moment.path.split(separator: "/").last.flatMap({ Int64($0) }),
                    sent < limit.milliseconds
                else { continue }
                files += try await members(moment)
            }
        }
        return files
    }

    /// Lets go of a file that was kept.
    func drop(_ key: BlobKey) async throws {
        try await artifacts.blobs.delete(key)
    }

    /// Whether a reference is of the run that made this version. Of a version that is no more nothing else is known.
    func isCurrent(_ reference: Reference) async throws -> Bool {
        guard let made = reference.runID else { return true }
        do {
            return try await runID(reference.model, reference.version) ?? made == made
        } catch let problem as any Problem where problem.code == .doesNotExist {
            return true
        }
    }

    /// The file that the source of a dataset names: JSON with a `url` or a `uri`, or the URI itself. Nil when that is no table
    /// among the artifacts of this server, as with data frames that were logged without a source.
    private func logged(_ dataset: Dataset) -> ReferenceFile? {
        let source = try? JSON.parse(dataset.source)
        let uri = source?["url"]?.stringValue ?? source?["uri"]?.stringValue ?? dataset.source
        return (try? artifacts.key(ofURI: uri)).flatMap(ReferenceFile.init)
    }

    /// A table among the artifacts of a run that is named as what is looked for, such as `data/training.parquet`.
    /// - Parameter others: what was logged with another context.
    private func file(named names: [String], in run: Run, besides others: [ReferenceFile]) async throws
        -> ReferenceFile?
    {
        guard let root = try? artifacts.key(ofURI: run.info.artifactURI) else { return nil }
        for folder in [root, try root.appending("data"), try root.appending("datasets")] {
            guard try await artifacts.blobs.info(folder)?.isFolder == true else { continue }
            let files = try await artifacts.blobs.list(folder).filter { !$0.isFolder }
            let tables = try files.compactMap { ReferenceFile(try folder.appending($0.name)) }
            if let file = tables.first(where: { names.contains(String($0.stem)) && !others.contains($0) }) {
                return file
            }
        }
        return nil
    }

    private static func nothing(_ dataset: Dataset?, context: String, runID: String) -> MonitorError {
        guard let dataset else {
            return MonitorError(
                .doesNotExist,
                "Run \(runID) logged no dataset with the context '\(context)', and no table named '\(context)'.",
                hint: "Log the rows with mlflow.log_table(frame, \"data/\(context).json\"), or as the artifact "
                    + "\(context).parquet.")
        }
        return MonitorError(
            .invalidParameterValue,
            "The dataset '\(dataset.name)' of run \(runID) does not name rows among this server's artifacts.",
            hint: "Log them as well: mlflow.log_table(frame, \"data/\(context).json\"), or as the artifact "
                + "\(context).parquet or \(context).csv.")
    }

    private static func unreadable(_ key: BlobKey) -> MonitorError {
        MonitorError(
            .invalidParameterValue, "The format of '\(key.path)' is not to be told from its name.",
            hint: "Files of references end in .json (pandas' split form), .csv, .ndjson or .parquet.")
    }
}
