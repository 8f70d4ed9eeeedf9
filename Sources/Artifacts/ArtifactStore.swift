package import Blobs
import Wire

/// The artifacts of runs and models, found by the URIs that the tracking server hands out.
package struct ArtifactStore: Sendable {
    package let blobs: BlobStore
    /// The ways past this server that clients may take; nil when everything goes through it.
    package let links: BlobLinks?

    /// - Parameter isDirect: whether clients may be sent to the bucket that the files are in; of no meaning for a folder.
    package init(blobs: BlobStore, isDirect: Bool = true) {
        self.blobs = blobs
        links = isDirect ? blobs.links : nil
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

    /// What `uri` names as a folder of this machine, for runtimes that open files themselves.
    /// - Throws: `ArtifactError` 404 when there is no such folder; `BlobError` when a bucket's cannot be copied.
    package func localFolder(ofURI uri: String) async throws -> LocalFolder {
        let key = try key(ofURI: uri)
        guard try await blobs.info(key)?.isFolder == true else {
            throw ArtifactError(.doesNotExist, "There is no folder of artifacts at '\(uri)'.")
        }
        return try await blobs.localFolder(key)
    }
}
