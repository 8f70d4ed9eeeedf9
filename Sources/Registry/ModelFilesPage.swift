package import Artifacts
package import Web
import Wire

/// The files of versions of registered models for people.
package struct ModelFilesPage: Sendable {
    private let files: FilesPage
    private let versions: ModelVersionStore

    package init(files: FilesPage, versions: ModelVersionStore) {
        self.files = files
        self.versions = versions
    }

    package func routes(into routes: inout Routes) {
        routes.page("/models/{name}/versions/{version}/artifacts", .read("artifacts"), show)
    }

    /// The page of the files of a version.
    package static func path(_ name: String, _ version: Int64) -> String {
        "/models/\(name.queryEscaped)/versions/\(version)/artifacts"
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let reference = try ModelReference("models:/\(try call.path("name"))/\(try call.path("version"))")
        let version = try await versions.resolve(reference)
        let name = version.name.queryEscaped
        let path = Self.path(version.name, version.version)
        let owner = FilesPage.Owner(
            name: "\(version.name) \(version.version)", artifactURI: version.storageURI,
            trail: [
                Link("Models", "/models"), Link(version.name, "/models/\(name)"), Link("\(version.version)", path),
            ], path: path,
            download: "/model-versions/get-artifact?name=\(name)&version=\(version.version)&path=",
            query: "model_uri=\("models:/\(version.name)/\(version.version)".queryEscaped)")
        return try await files.page(of: owner, call)
    }
}
