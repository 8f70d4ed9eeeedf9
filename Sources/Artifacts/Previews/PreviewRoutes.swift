import Blobs
import Foundation
import HTTPTypes
package import Tracking
package import Web
import Wire

/// Previews of the files of runs, of logged models, and of what `models:/` URIs name.
package struct PreviewRoutes: Sendable {
    private let reader: PreviewReader
    private let store: ArtifactStore
    private let runs: RunStore
    private let models: LoggedModelStore
    private let origin: ModelOrigin

    static let path = "/api/v1/artifacts/preview"
    static let documentPath = "/api/v1/artifacts/preview/document"

    package init(
        reader: PreviewReader, store: ArtifactStore, runs: RunStore, models: LoggedModelStore, origin: ModelOrigin
    ) {
        self.reader = reader
        self.store = store
        self.runs = runs
        self.models = models
        self.origin = origin
    }

    package func routes(into routes: inout Routes) {
        routes.get(Self.path, .read("artifacts"), preview)
        routes.get(Self.documentPath, .read("artifacts"), document)
    }

    private func preview(_ call: Call) async throws -> Reply {
        let (key, path) = try await file(of: call)
        return .json(try await reader.preview(of: key, at: path))
    }

    /// An HTML page or a drawing that somebody logged, to be shown in a frame.
    ///
    /// It comes from outside and is hostile: the sandbox gives it an origin of its own, so that its scripts, which charts
    /// are made of, see nothing of this server, and the policy lets it load and send nothing.
    private func document(_ call: Call) async throws -> Reply {
        let (key, _) = try await file(of: call)
        let content = try await store.blobs.read(key)
        let type = ArtifactType.mediaType(of: key.name)
        guard type == "text/html" || type == "image/svg+xml" else {
            throw ArtifactError(
                .invalidParameterValue, "'\(key.name)' is neither HTML nor SVG.", hint: "Ask for its preview instead.")
        }
        return Reply(
            headers: [
                .contentType: type == "text/html" ? "text/html; charset=utf-8" : type,
                .contentSecurityPolicy: Self.sandbox,
            ],
            body: .stream(length: content.totalBytes, call.method == .head ? content : try await content.begun()))
    }

    static let sandbox =
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        + "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

    /// The file that a query names: `path` below the files of `run_id`, of `model_id` or of `model_uri`.
    private func file(of call: Call) async throws -> (key: BlobKey, path: String) {
        guard let path = call.query("path"), !path.isEmpty else { throw FieldProblem.missing("path") }
        return (try store.key(ofURI: try await root(call)).appending(path), path)
    }

    private func root(_ call: Call) async throws -> String {
        switch (call.query("run_id"), call.query("model_id"), call.query("model_uri")) {
        case (let run?, nil, nil): return try await runs.run(run).info.artifactURI
        case (nil, let model?, nil): return try await models.model(model).artifactURI
        case (nil, nil, let uri?): return try await origin.artifactURI(uri)
        default:
            throw ArtifactError(
                .invalidParameterValue, "Exactly one of run_id, model_id and model_uri must be provided.",
                hint: "A model_uri is models:/NAME/VERSION, models:/NAME@ALIAS or models:/m-ID.")
        }
    }
}

/// Where the files are that a `models:/` URI names. What such URIs mean is known above this slice.
package struct ModelOrigin: Sendable {
    let artifactURI: @Sendable (_ uri: String) async throws -> String

    package init(artifactURI: @escaping @Sendable (_ uri: String) async throws -> String) {
        self.artifactURI = artifactURI
    }
}
