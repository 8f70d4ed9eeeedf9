package import Tracking
package import Web

/// The files of runs and logged models for people.
package struct RunFilesPage: Sendable {
    private let files: FilesPage
    private let runs: RunStore
    private let models: LoggedModelStore

    private static let section = Link("Experiments", "/experiments")

    package init(files: FilesPage, runs: RunStore, models: LoggedModelStore) {
        self.files = files
        self.runs = runs
        self.models = models
    }

    package func routes(into routes: inout Routes) {
        routes.page("/runs/{id}/artifacts", .read("artifacts"), showRun)
        routes.page("/logged-models/{id}/artifacts", .read("artifacts"), showModel)
    }

    private func showRun(_ call: Call) async throws -> Web.Page {
        try await files.page(of: Self.owner(of: try await runs.run(try call.path("id")).info), call)
    }

    private static func owner(of run: RunInfo) -> FilesPage.Owner {
        FilesPage.Owner(
            name: run.name, artifactURI: run.artifactURI, trail: [section, Link(run.name, "/runs/\(run.id)")],
            path: "/runs/\(run.id)/artifacts", download: download(ofRun: run.id), query: "run_id=\(run.id)")
    }

    /// The address of a run's file, up to its path.
    static func download(ofRun id: String) -> String { "/get-artifact?run_uuid=\(id)&path=" }

    /// The address of a logged model's file, up to its path.
    static func download(ofModel id: String) -> String {
        "/ajax-api/2.0/mlflow/logged-models/\(id)/artifacts/files?artifact_file_path="
    }

    /// The files as a part of the run's page.
    package static func part(of files: FilesPage) -> RunPart {
        RunPart { run, call, others in
            let owner = owner(of: run.info)
            return """
                <h2 id="files">Files <small>\(HTML.link("on a page of their own", to: owner.path))</small></h2>
                \(try await files.part(of: owner, on: "/runs/\(run.info.id)", keeping: others, call))
                """
        }
    }

    private func showModel(_ call: Call) async throws -> Web.Page {
        let model = try await models.model(try call.path("id"))
        let path = "/logged-models/\(model.id)/artifacts"
        // A model that no run made lies in its experiment.
        let run = model.sourceRunID.isEmpty ? nil : try? await runs.run(model.sourceRunID).info
        let source =
            run.map { Link($0.name, "/runs/\($0.id)") }
            ?? Link("Experiment \(model.experimentID.text)", "/experiments/\(model.experimentID.text)")
        let owner = FilesPage.Owner(
            name: model.name, artifactURI: model.artifactURI,
            trail: [Self.section, source, Link(model.name, path)], path: path,
            download: Self.download(ofModel: model.id),
            query: "model_id=\(model.id)")
        return try await files.page(of: owner, call)
    }
}
