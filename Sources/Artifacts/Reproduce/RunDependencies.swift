import Blobs
import NIOCore
import Tracking
import Wire

/// What the models of a run need, as files of the models say it.
struct RunDependencies: Sendable {
    /// A file that names what a model needs.
    struct File: Sendable {
        /// Where it lies among the files of its owner.
        let path: String
        let name: String
        /// How many packages it names; nil where that is not plain to see.
        let packages: Int?
        /// The version of Python that it names.
        let python: String?
    }

    /// A model, or the run itself, whose files have been looked through.
    struct Source: Sendable {
        let name: String
        /// The page of its files, and the address of one up to its path.
        let page: String
        let download: String
        let files: [File]
    }

    private let store: ArtifactStore
    private let models: LoggedModelStore

    init(store: ArtifactStore, models: LoggedModelStore) {
        self.store = store
        self.models = models
    }

    static let requirements = "requirements.txt"
    static let conda = "conda.yaml"
    static let pythonEnvironment = "python_env.yaml"
    /// More models are mostly steps on the way to the last.
    private static let maximumModels = 4
    private static let maximumBytes = 256 << 10
    /// So many entries of a folder are looked through; those of models have fewer.
    private static let maximumEntries = 100

    /// Those that have any such file: models that it logged, as clients since MLflow 3 and before it name them, and the run's
    /// own files.
    /// - Throws: `BlobError` while the store does not answer.
    func sources(of run: Run) async throws -> [Source] {
        var found: [Source] = []
        for output in run.modelOutputs.suffix(Self.maximumModels) {
            // Deleted since, perhaps.
            guard let model = try? await models.model(output.modelID) else { continue }
            let files = try await files(in: "", below: model.artifactURI)
            found.append(
                Source(
                    name: model.name, page: "/logged-models/\(model.id)/artifacts",
                    download: RunFilesPage.download(ofModel: model.id), files: files))
        }
        let page = "/runs/\(run.info.id)/artifacts"
        let download = RunFilesPage.download(ofRun: run.info.id)
        for folder in Self.formerModels(of: run).suffix(Self.maximumModels) + [""] {
            let files = try await files(in: folder, below: run.info.artifactURI)
            found.append(
                Source(name: folder.isEmpty ? "the run" : folder, page: page, download: download, files: files))
        }
        return found.filter { !$0.files.isEmpty }
    }

    /// The folders of models that clients before MLflow 3 logged among the files of the run.
    private static func formerModels(of run: Run) -> [String] {
        let history = run.tag("mlflow.log-model.history").flatMap { try? JSON.parse($0).arrayValue } ?? []
        var seen: Set<String> = []
        return history.compactMap { $0["artifact_path"]?.stringValue }.filter {
            !$0.isEmpty && seen.insert($0).inserted
        }
    }

    /// Empty also for a folder that this server does not hold.
    private func files(in folder: String, below uri: String) async throws -> [File] {
        guard let root = try? store.key(ofURI: uri), let key = try? root.appending(folder) else { return [] }
        let portion = try await store.blobs.portion(of: key, limit: Self.maximumEntries)
        var files: [File] = []
        for name in [Self.requirements, Self.conda, Self.pythonEnvironment] {
            guard try await isFile(name, in: key, portion) else { continue }
            do {
                let bytes = try await store.blobs.contents(try key.appending(name), limit: Self.maximumBytes)
                files.append(Self.file(name, in: folder, String(buffer: bytes)))
            } catch let problem as any Problem where problem.code.status < 500 {
                // Too large to be what it is called, or gone by now.
                continue
            }
        }
        return files
    }

    /// - Parameter portion: how the folder begins; what comes behind it is asked for.
    private func isFile(_ name: String, in folder: BlobKey, _ portion: BlobPortion) async throws -> Bool {
        if portion.entries.contains(where: { $0.name == name && !$0.isFolder }) { return true }
        guard let next = portion.next, next.utf8.lexicographicallyPrecedes(name.utf8) else { return false }
        return try await store.blobs.info(try folder.appending(name))?.isFolder == false
    }

    static func file(_ name: String, in folder: String, _ text: String) -> File {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
        let packages = lines.count { line in line.first.map { $0 != "#" && $0 != "-" } ?? false }
        // MLflow writes `python: 3.11.2` into the one, and `- python=3.11.2` into the other.
        let python = lines.lazy.compactMap { line in
            line.wholeMatch(of: /(?:python:|- python=+)\s*['"]?([0-9][0-9A-Za-z.]*)['"]?\s*/).map { String($0.1) }
        }.first
        return File(
            path: folder.isEmpty ? name : "\(folder)/\(name)", name: name,
            packages: name == requirements ? packages : nil, python: name == requirements ? nil : python)
    }
}
