import Foundation
import Tracking
import Wire

/// Where the files of a version come from, and whether this server may say so.
///
/// A version's source is fetched by whoever loads the model, so a source inside this server must belong to the run or the
/// logged model that it claims to come from.
struct VersionOrigins: Sendable {
    let runs: RunStore
    let loggedModels: LoggedModelStore

    /// What the registry keeps of a source.
    struct Origin: Sendable {
        var source: String
        var storageURI: String
        var runID: String
        var modelID: String
    }

    func origin(of new: NewModelVersion, versions: ModelVersionStore) async throws -> Origin {
        let source = new.source
        var origin = Origin(source: source, storageURI: source, runID: new.runID, modelID: new.modelID)
        if new.isPrompt, !source.contains(where: { ":/\\".contains($0) }) {
            // A prompt is its tags: the client sends a word where a model has a place, and there are no files.
            origin.storageURI = ""
            return origin
        }
        if source.hasPrefix("models:/") {
            return try await registered(try ModelReference(source), origin, versions)
        }
        if !new.modelID.isEmpty, origin.runID.isEmpty {
            origin.runID = try await loggedModels.model(new.modelID).sourceRunID
        }
        if source.hasPrefix("runs:/") { return try await ofRun(source, origin) }
        if let path = Self.proxied(source) {
            try await requireInside(path, origin)
            origin.storageURI = "mlflow-artifacts:/\(path)"
            return origin
        }
        try Self.checkForeign(source)
        if Self.isLocal(source) { try await requireInside(source, origin) }
        return origin
    }

    private func registered(
        _ reference: ModelReference, _ given: Origin, _ versions: ModelVersionStore
    ) async throws -> Origin {
        var origin = given
        if case .loggedModel(let id) = reference {
            guard given.modelID == id else {
                throw refusal(given.source, "it names the logged model \(id), but model_id is '\(given.modelID)'")
            }
            let model = try await loggedModels.model(id)
            origin.storageURI = model.artifactURI
            origin.runID = given.runID.isEmpty ? model.sourceRunID : given.runID
            return origin
        }
        let version = try await versions.resolve(reference)
        guard given.runID.isEmpty || given.runID == version.runID else {
            throw refusal(given.source, "its run is '\(version.runID)', not '\(given.runID)'")
        }
        guard given.modelID.isEmpty || given.modelID == version.modelID else {
            throw refusal(given.source, "its logged model is '\(version.modelID)', not '\(given.modelID)'")
        }
        return Origin(
            source: "models:/\(version.path)", storageURI: version.storageURI, runID: version.runID,
            modelID: version.modelID)
    }

    private func ofRun(_ source: String, _ given: Origin) async throws -> Origin {
        let parts = source.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw refusal(source, "it names no artifact of a run") }
        guard parts[0] == given.runID else {
            throw refusal(source, "the run in it must be the given run_id '\(given.runID)'")
        }
        let path = try Self.safe(parts[1], in: source)
        var origin = given
        origin.storageURI = "\(try await runs.run(given.runID).info.artifactURI)/\(path)"
        return origin
    }

    /// - Throws: `RegistryError` unless the path lies in the artifacts of the run or logged model.
    private func requireInside(_ path: String, _ origin: Origin) async throws {
        var roots: [String] = []
        if !origin.runID.isEmpty { roots.append(try await runs.run(origin.runID).info.artifactURI) }
        if !origin.modelID.isEmpty { roots.append(try await loggedModels.model(origin.modelID).artifactURI) }
        let isInside = roots.map { Self.proxied($0) ?? Self.localPath($0) }.contains { root in
            let place = Self.proxied(path) ?? Self.localPath(path)
            return place == root || place.hasPrefix("\(root)/")
        }
        guard isInside else {
            throw refusal(origin.source, "it is not among the artifacts of the given run_id or model_id")
        }
    }

    /// The path below this server's artifact root; nil for a source elsewhere.
    private static func proxied(_ source: String) -> String? {
        if source.hasPrefix("mlflow-artifacts:") {
            var path = source.dropFirst("mlflow-artifacts:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2).drop { $0 != "/" } }
            return try? safe(String(path.drop { $0 == "/" }), in: source)
        }
        guard source.hasPrefix("http"), let range = source.firstRange(of: "/api/2.0/mlflow-artifacts/artifacts/") else {
            return nil
        }
        return try? safe(String(source[range.upperBound...]), in: source)
    }

    private static func isLocal(_ source: String) -> Bool {
        source.hasPrefix("/") || source.hasPrefix("file:")
    }

    private static func localPath(_ source: String) -> String {
        guard source.hasPrefix("file:") else { return source }
        return "/" + source.dropFirst("file:".count).drop { $0 == "/" }
    }

    /// A source on another system, which whoever loads it will fetch.
    private static func checkForeign(_ source: String) throws {
        _ = try safe(source, in: source)
        guard !isLocal(source) else { return }
        // Two letters at least: one is a drive of a local disk.
        guard let match = source.prefixMatch(of: /([A-Za-z][A-Za-z0-9+.\-]+):\//) else {
            throw refusal(source, "it is neither a URI nor an absolute path")
        }
        let scheme = match.1.lowercased()
        guard !Self.ownSchemes.contains(scheme) else {
            throw refusal(source, "sources of the scheme '\(scheme)' must be artifacts of the given run_id or model_id")
        }
    }

    /// Schemes that mean something of this server, or any host: in another spelling, or elsewhere, they are refused.
    private static let ownSchemes: Set = ["http", "https", "ftp", "mlflow-artifacts", "models", "runs", "file"]

    /// The text, percent-decoded to the end.
    /// - Throws: `RegistryError` when it climbs.
    private static func safe(_ text: String, in source: String) throws -> String {
        var decoded = text
        for _ in 0..<10 {
            guard let next = decoded.removingPercentEncoding, next != decoded else { break }
            decoded = next
        }
        let components = decoded.split(whereSeparator: { $0 == "/" || $0 == "\\" })
        let isSettled = decoded.removingPercentEncoding.map { $0 == decoded } ?? true
        guard isSettled, !components.contains(".."), !decoded.contains("\u{0}") else {
            throw refusal(source, "it climbs out of its folder")
        }
        return decoded
    }
}

private func refusal(_ source: String, _ reason: String) -> RegistryError {
    RegistryError(
        .invalidParameterValue, "Invalid model version source: '\(source.prefix(200))': \(reason).",
        hint: "Register what a run logged: its models:/m-… or runs:/… URI with the same model_id or run_id.")
}
