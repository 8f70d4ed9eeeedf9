package import Artifacts
import Blobs
import NIOCore
package import Tracking
import Wire

/// Where the rows come from that a model version was trained on: the dataset that the run behind it logged.
package struct ReferenceSource: Sendable {
    private let runs: RunStore
    private let artifacts: ArtifactStore
    private let runID: @Sendable (_ model: String, _ version: Int) async throws -> String?

    /// A larger table is refused; a sample of its rows makes as good a reference.
    package static let maximumBytes = 256 << 20

    /// - Parameter runID: the run that made a version of a registered model; nil when none is known.
    package init(
        runs: RunStore, artifacts: ArtifactStore,
        runID: @escaping @Sendable (_ model: String, _ version: Int) async throws -> String?
    ) {
        self.runs = runs
        self.artifacts = artifacts
        self.runID = runID
    }

    /// The rows that the run behind a version logged with `context`.
    /// - Throws: `MonitorError` when no run is known or it logged no such dataset as an artifact of this server.
    func table(of model: String, version: Int, context: String) async throws -> (runID: String, TrainingTable) {
        guard let runID = try await runID(model, version) else {
            throw MonitorError(
                .doesNotExist, "Version \(version) of model '\(model)' was not registered from a run.",
                hint: "Register it from the run that trained it, so that its training data is known.")
        }
        let run = try await runs.run(runID)
        guard let dataset = run.datasetInputs.last(where: { $0.context == context })?.dataset else {
            throw MonitorError(
                .doesNotExist, "Run \(runID) logged no dataset with the context '\(context)'.",
                hint: "Log the rows with mlflow.log_table and mlflow.log_input(dataset, context=\"\(context)\").")
        }
        let bytes = try await artifacts.blobs.contents(try key(of: dataset), limit: Self.maximumBytes)
        return (runID, try TrainingTable(json: JSON.parse(bytes.readableBytesView)))
    }

    /// Whether a reference is of the run that made this version. Of a version that is no more nothing else is known.
    func isCurrent(_ reference: Reference) async throws -> Bool {
        do {
            return try await runID(reference.model, reference.version) ?? reference.runID == reference.runID
        } catch let problem as any Problem where problem.code == .doesNotExist {
            return true
        }
    }

    /// The source of a dataset is JSON with a `url` or a `uri`, or the URI itself.
    private func key(of dataset: Dataset) throws -> BlobKey {
        let source = try? JSON.parse(dataset.source)
        let uri = source?["url"]?.stringValue ?? source?["uri"]?.stringValue ?? dataset.source
        guard uri.hasSuffix(".json"), let key = try? artifacts.key(ofURI: uri) else {
            throw MonitorError(
                .invalidParameterValue,
                "The dataset '\(dataset.name)' does not name a JSON table among this server's artifacts, but '\(uri)'.",
                hint: "Log the rows with mlflow.log_table(frame, \"data/training.json\") and give the dataset the "
                    + "address of that artifact as its source.")
        }
        return key
    }
}
