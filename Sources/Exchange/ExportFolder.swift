import Crypto
import Foundation
import NIOCore
import NIOPosix
import Wire

/// A folder that an export fills: records in NDJSON, files as files, and the sum of each in `sums.ndjson`. The format is
/// described in docs/reference/export.md.
actor ExportFolder: ExchangeTarget {
    let root: String
    private let sums: SummedFile
    /// The file of each kind that is being written. Records come experiment by experiment and run by run, so one a kind
    /// is enough.
    private var current: [RecordKind: (path: String, file: SummedFile)] = [:]
    private var experiment = ""
    private var counts: [RecordKind: Int] = [:]
    private var files = (count: 0, bytes: 0)

    static let formatName = "martlet-export"
    static let formatVersion: Int64 = 1

    /// - Throws: `ExchangeError` when the folder has something in it.
    init(root: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard names.isEmpty else {
            throw ExchangeError(
                .conflict, "The folder \(root) is not empty.", hint: "Name a new one; an export never changes files.")
        }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        self.root = root
        sums = try SummedFile(path: "\(root)/\(Self.sumsName)")
    }

    static let sumsName = "sums.ndjson"
    static let manifestName = "manifest.json"

    // MARK: Records

    func store(_ kind: RecordKind, _ records: [JSON]) async throws -> [StoredRecord] {
        try records.map { record in
            if kind == .runs { experiment = record["info"]?["experiment_id"]?.stringValue ?? "" }
            if kind == .traces { experiment = FileOwner(trace: record).experimentID }
            try append(record, of: kind, to: Self.path(of: record, kind, experiment: experiment))
            counts[kind, default: 0] += kind.weight(of: record)
            let id = kind.id(of: record)
            return StoredRecord(
                id: id, effect: .created, localID: id, artifactURI: Self.hasFilesHere(record) ? "here" : nil)
        }
    }

    /// Files in stores that clients reach by themselves, such as a bucket, stay there.
    private static func hasFilesHere(_ record: JSON) -> Bool {
        let uri = record["info"]?["artifact_uri"]?.stringValue ?? TraceRecord.tag(TraceRecord.locationTag, of: record)
        guard let uri else { return false }
        return uri.hasPrefix("mlflow-artifacts:") || LocalFileTree.path(ofURI: uri) != nil
    }

    /// Where a record stands, below the root.
    private static func path(of record: JSON, _ kind: RecordKind, experiment: String) -> String {
        switch kind {
        case .experiments, .models, .traceLinks, .evaluationDatasets, .webhooks: return "\(kind.rawValue).ndjson"
        case .runs: return "experiments/\(component(experiment))/runs.ndjson"
        case .metrics:
            let run = component(record["run_id"]?.stringValue ?? "")
            return "experiments/\(component(experiment))/runs/\(run)/metrics.ndjson"
        case .loggedModels:
            let experiment = record["info"]?["experiment_id"]?.stringValue ?? ""
            return "experiments/\(component(experiment))/logged-models.ndjson"
        case .traces: return "experiments/\(component(experiment))/traces.ndjson"
        case .spans:
            let trace = component(record["trace_id"]?.stringValue ?? "")
            return "experiments/\(component(experiment))/traces/\(trace)/spans.ndjson"
        case .evaluationRecords:
            return "evaluation-datasets/\(component(record["dataset_id"]?.stringValue ?? ""))/records.ndjson"
        case .versions: return "models/\(component(record["name"]?.stringValue ?? ""))/versions.ndjson"
        }
    }

    /// A name as one component of a path: what could mean something else on a disk is percent-encoded.
    static func component(_ name: String) -> String {
        let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-_ "))
        let safe = name.addingPercentEncoding(withAllowedCharacters: plain.intersection(.urlPathAllowed)) ?? ""
        return safe.isEmpty ? "%" : safe
    }

    private func append(_ record: JSON, of kind: RecordKind, to path: String) throws {
        if current[kind]?.path != path {
            try finish(kind)
            current[kind] = (path, try SummedFile(path: "\(root)/\(path)"))
        }
        try current[kind]?.file.append(record.bytes() + [UInt8(ascii: "\n")])
    }

    private func finish(_ kind: RecordKind) throws {
        guard let (path, file) = current.removeValue(forKey: kind) else { return }
        try note(path, try file.finish())
    }

    private func note(_ path: String, _ sum: SummedFile.Sum) throws {
        let line: JSON = [
            "path": .string(path), "size_bytes": .integer(Int64(sum.sizeBytes)), "sha256": .string(sum.sha256),
        ]
        try sums.append(line.bytes() + [UInt8(ascii: "\n")])
    }

    // MARK: Files

    func sizes(in folder: String, of owner: FileOwner, at uri: String) async throws -> [String: Int] { [:] }

    func write(_ entry: FileEntry, of owner: FileOwner, at uri: String, _ chunks: FileChunks) async throws {
        let components = entry.path.split(separator: "/", omittingEmptySubsequences: false)
        guard !components.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw ExchangeError(.invalidParameterValue, "'\(entry.path)' is not a path below a folder.")
        }
        let path = "\(Self.folder(of: owner))/\(entry.path)"
        let file = try SummedFile(path: "\(root)/\(path)")
        for try await chunk in chunks {
            let bytes = Array(chunk.readableBytesView)
            try await NIOThreadPool.singleton.runIfActive { try file.append(bytes) }
        }
        let sum = try file.finish()
        try note(path, sum)
        files = (files.count + 1, files.bytes + sum.sizeBytes)
    }

    /// The folder of somebody's files, below the root.
    static func folder(of owner: FileOwner) -> String {
        "experiments/\(component(owner.experimentID))/\(owner.kind.rawValue)/\(component(owner.id))/artifacts"
    }

    // MARK: Ending

    /// Writes the manifest, which makes the export whole.
    /// - Parameter moment: when the export was begun.
    func finish(source: String, at moment: Timestamp) throws {
        for kind in RecordKind.allCases { try finish(kind) }
        let sum = try sums.finish()
        let kinds = RecordKind.allCases.filter { $0 != .metrics }
        let records = kinds.map { ($0.rawValue, JSON.integer(Int64(counts[$0] ?? 0))) }
        let manifest: JSON = [
            "format": .string(Self.formatName), "version": .integer(Self.formatVersion),
            "created_at": .string(moment.iso8601), "source": .string(source), "records": .members(records),
            "metric_points": .integer(Int64(counts[.metrics] ?? 0)),
            "files": ["count": .integer(Int64(files.count)), "size_bytes": .integer(Int64(files.bytes))],
            "sums_sha256": .string(sum.sha256),
        ]
        let file = try SummedFile(path: "\(root)/\(Self.manifestName)")
        try file.append(Array((manifest.prettyText + "\n").utf8))
        _ = try file.finish()
    }
}
