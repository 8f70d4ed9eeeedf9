import Foundation
import Wire

/// A folder that an export filled.
struct ExportFolderSource: ExchangeSource {
    let root: String

    var place: String { root }

    /// Checks the manifest and the sum of every file before anything is read.
    /// - Throws: `ExchangeError` when the export is not whole, or a file is not what was exported.
    init(root: String) async throws {
        self.root = root
        guard let data = FileManager.default.contents(atPath: "\(root)/\(ExportFolder.manifestName)"),
            let manifest = try? JSON.parse(data), manifest["format"] == .string(ExportFolder.formatName)
        else {
            throw ExchangeError(
                .invalidParameterValue, "\(root) is not a finished export: it has no \(ExportFolder.manifestName).",
                hint: "Export again into a new folder: martlet export DIR")
        }
        guard manifest["version"] == .integer(ExportFolder.formatVersion) else {
            throw ExchangeError(
                .invalidParameterValue,
                "\(root) has version \(manifest["version"]?.text ?? "none") of the export format, which this version of "
                    + "Martlet does not read.")
        }
        let kinds = Set(RecordKind.allCases.map(\.rawValue))
        if let unknown = manifest["records"]?.memberList?.first(where: { !kinds.contains($0.key) && $0.value != 0 }) {
            throw ExchangeError(
                .invalidParameterValue,
                "\(root) has \(unknown.key), which this version of Martlet does not know. Nothing was imported.",
                hint: "Import it with the version that exported it, or a later one.")
        }
        try await check(sums: manifest["sums_sha256"]?.stringValue ?? "")
    }

    private func check(sums wanted: String) async throws {
        let path = "\(root)/\(ExportFolder.sumsName)"
        guard try await SummedFile.sum(of: path).sha256 == wanted else { throw changed(ExportFolder.sumsName) }
        var lines = try LocalLines(path: path)
        while let line = try await lines.next() {
            let entry = try JSON.parse(line)
            let name = entry["path"]?.stringValue ?? ""
            let sum = try await SummedFile.sum(of: "\(root)/\(name)")
            guard sum.sha256 == entry["sha256"]?.stringValue else { throw changed(name) }
        }
    }

    private func changed(_ name: String) -> ExchangeError {
        ExchangeError(
            .invalidParameterValue, "\(root)/\(name) is not what was exported: its SHA-256 is another.",
            hint: "Copy the export again, or export into a new folder.")
    }

    /// Hands over the records of a file; there are none when it is not there.
    private func records(_ path: String, _ body: RecordBody) async throws {
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)") else { return }
        var lines = try LocalLines(path: "\(root)/\(path)")
        while let line = try await lines.next() { try await body(.whole(try JSON.parse(line))) }
    }

    func experiments(_ body: RecordBody) async throws {
        try await records("experiments.ndjson", body)
    }

    func runs(of experiment: String, _ body: RecordBody) async throws {
        try await records("experiments/\(ExportFolder.component(experiment))/runs.ndjson", body)
    }

    func points(of run: JSON, _ body: RecordBody) async throws {
        let id = run["info"]?["run_id"]?.stringValue ?? ""
        let experiment = ExportFolder.component(run["info"]?["experiment_id"]?.stringValue ?? "")
        try await records("experiments/\(experiment)/runs/\(ExportFolder.component(id))/metrics.ndjson", body)
    }

    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        try await records("experiments/\(ExportFolder.component(experiment))/logged-models.ndjson", body)
    }

    func traces(of experiment: String, _ body: RecordBody) async throws {
        try await records("experiments/\(ExportFolder.component(experiment))/traces.ndjson", body)
    }

    func spans(of trace: JSON, _ body: RecordBody) async throws {
        let owner = FileOwner(trace: trace)
        let experiment = ExportFolder.component(owner.experimentID)
        try await records("experiments/\(experiment)/traces/\(ExportFolder.component(owner.id))/spans.ndjson", body)
    }

    func traceLinks(of runs: [String], in experiments: [String], _ body: RecordBody) async throws {
        try await records("trace-links.ndjson", body)
    }

    func evaluationDatasets(_ body: RecordBody) async throws {
        try await records("evaluation-datasets.ndjson", body)
    }

    func evaluationRecords(of dataset: JSON, _ body: RecordBody) async throws {
        let id = ExportFolder.component(RecordKind.evaluationDatasets.id(of: dataset))
        try await records("evaluation-datasets/\(id)/records.ndjson", body)
    }

    func webhooks(_ body: RecordBody) async throws {
        try await records("webhooks.ndjson", body)
    }

    func models(_ body: RecordBody) async throws {
        try await records("models.ndjson", body)
    }

    func versions(of model: JSON, _ body: RecordBody) async throws {
        let name = ExportFolder.component(model["name"]?.stringValue ?? "")
        try await records("models/\(name)/versions.ndjson", body)
    }

    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        LocalFileTree(root: "\(root)/\(ExportFolder.folder(of: owner))") ?? NoFiles()
    }
}
