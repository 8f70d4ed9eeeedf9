import Console
import Foundation
import NIOCore
import NIOPosix
import Registry
import Wire

/// Fetches registered models from a server, to run them here.
struct ModelDownloadClient: Sendable {
    let api: APIClient

    private static let proxy = "/api/2.0/mlflow-artifacts/artifacts"
    private static let maximumDepth = 32

    /// The version that a reference means at this moment, such as `models:/churn/3`.
    /// - Throws: what the server says when there is none.
    func resolve(_ uri: String) async throws -> String {
        let reference = try ModelReference(uri)
        switch reference {
        case .version, .loggedModel: return reference.uri
        case .alias(let name, let alias):
            let answer = try await api.get(
                "/api/2.0/mlflow/registered-models/alias", query: ["name": name, "alias": alias])
            return try Self.uri(name, answer["model_version"])
        case .latest(let name):
            let answer = try await api.get("/api/2.0/mlflow/registered-models/get", query: ["name": name])
            let versions = answer["registered_model"]?["latest_versions"]?.arrayValue ?? []
            return try Self.uri(name, versions.max { Self.number($0) < Self.number($1) })
        case .stage(let name, let stage):
            let answer = try await api.get(
                "/api/2.0/mlflow/registered-models/get-latest-versions",
                query: ["name": name, "stages": stage.rawValue])
            return try Self.uri(name, answer["model_versions"]?.arrayValue?.first)
        }
    }

    private static func number(_ version: JSON) -> Int64 {
        version["version"].flatMap { $0.integerValue ?? $0.stringValue.flatMap { Int64($0) } } ?? 0
    }

    private static func uri(_ name: String, _ version: JSON?) throws -> String {
        guard let version, number(version) > 0 else {
            throw ScoringError(.doesNotExist, "The model '\(name)' has no such version.")
        }
        return ModelReference.version(name: name, number(version)).uri
    }

    /// Copies the files of a version to a folder of this machine, which appears when it is whole.
    func download(_ uri: String, to folder: String) async throws {
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        let root = try await place(of: uri)
        let draft = folder + ".new"
        try await NIOThreadPool.singleton.runIfActive {
            try? FileManager.default.removeItem(atPath: draft)
            try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
        }
        try await copy(root, to: draft, depth: 0)
        try await NIOThreadPool.singleton.runIfActive { try DurableFile.move(draft, to: folder) }
    }

    /// Where the files are, below the server's artifacts.
    private func place(of uri: String) async throws -> String {
        let location: String?
        switch try ModelReference(uri) {
        case .version(let name, let version):
            let answer = try await api.get(
                "/api/2.0/mlflow/model-versions/get-download-uri", query: ["name": name, "version": String(version)])
            location = answer["artifact_uri"]?.stringValue
        case .loggedModel(let id):
            let answer = try await api.get("/api/2.0/mlflow/logged-models/\(id)")
            location = answer["model"]?["info"]?["artifact_uri"]?.stringValue
        case .alias, .latest, .stage: location = nil
        }
        guard let location, location.hasPrefix("mlflow-artifacts:") else {
            throw ScoringError.invalid(
                "The files of \(uri) are at \(location ?? "no place"), which the server does not hand out.",
                hint: "Name the folder itself with --model.")
        }
        var path = location.dropFirst("mlflow-artifacts:".count)
        if path.hasPrefix("//") { path = path.dropFirst(2).drop { $0 != "/" } }
        return String(path.drop { $0 == "/" })
    }

    private func copy(_ place: String, to folder: String, depth: Int) async throws {
        let files = try await api.get(Self.proxy, query: ["path": place])["files"]?.arrayValue ?? []
        guard depth < Self.maximumDepth, depth > 0 || !files.isEmpty else {
            throw ScoringError(.doesNotExist, "The server has no files at \(place).")
        }
        for file in files {
            let name = String(file["path"]?.stringValue?.split(separator: "/").last ?? "")
            // The server is trusted with answers, not with this machine's files.
            guard !name.isEmpty, name != ".", name != "..", !name.contains("\0") else { continue }
            if file["is_dir"]?.boolValue == true {
                try await NIOThreadPool.singleton.runIfActive {
                    try FileManager.default.createDirectory(
                        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
                }
                try await copy("\(place)/\(name)", to: "\(folder)/\(name)", depth: depth + 1)
            } else {
                try await save("\(place)/\(name)", as: "\(folder)/\(name)")
            }
        }
    }

    private func save(_ place: String, as path: String) async throws {
        let address = place.split(separator: "/").map { APIClient.escaped(String($0)) }.joined(separator: "/")
        let threads = NIOThreadPool.singleton
        let handle = try await threads.runIfActive {
            guard FileManager.default.createFile(atPath: path, contents: nil),
                let handle = FileHandle(forWritingAtPath: path)
            else { throw DurableFile.failure(path) }
            return handle
        }
        for try await chunk in try await api.download("\(Self.proxy)/\(address)") {
            try await threads.runIfActive { try handle.write(contentsOf: Data(chunk.readableBytesView)) }
        }
        try await threads.runIfActive { try handle.close() }
    }
}
