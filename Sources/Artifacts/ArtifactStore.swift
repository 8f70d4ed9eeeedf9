package import Blobs
import Wire

/// The artifacts of runs and models, found by the URIs that the tracking server hands out.
package struct ArtifactStore: Sendable {
    package let blobs: BlobStore

    package init(blobs: BlobStore) {
        self.blobs = blobs
    }

    /// The key behind an `mlflow-artifacts:` URI, with or without a host, or behind the HTTP address of an artifact.
    ///
    /// The host of an address does not count: a server goes by many names, and only keys of its own are looked up.
    /// - Throws: `ArtifactError` for any other URI: this server does not hold it.
    package func key(ofURI uri: String) throws -> BlobKey {
        if uri.hasPrefix("http://") || uri.hasPrefix("https://"), let path = uri.firstRange(of: Self.proxyPath) {
            return try BlobKey(String(uri[path.upperBound...].prefix { $0 != "?" }))
        }
        guard uri.hasPrefix("mlflow-artifacts:") else {
            throw ArtifactError(
                .invalidParameterValue, "'\(uri)' is not kept by this server.",
                hint: "Only mlflow-artifacts: URIs and addresses below \(Self.proxyPath) are.")
        }
        var path = uri.dropFirst("mlflow-artifacts:".count)
        if path.hasPrefix("//") { path = path.dropFirst(2).drop { $0 != "/" } }
        return try BlobKey(String(path.drop { $0 == "/" }))
    }

    private static let proxyPath = "/mlflow-artifacts/artifacts/"

    /// The folder on this machine that holds what `uri` names, for runtimes that open files themselves.
    /// - Throws: `ArtifactError` 404 when there is no such folder.
    package func localFolder(ofURI uri: String) async throws -> String {
        let key = try key(ofURI: uri)
        guard try await blobs.info(key)?.isFolder == true else {
            throw ArtifactError(.doesNotExist, "There is no folder of artifacts at '\(uri)'.")
        }
        return blobs.localFolder(key)
    }
}
