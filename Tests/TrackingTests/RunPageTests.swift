import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine) struct RunPageTests {
    private static let browser: HTTPHeaders = ["Accept": "text/html"]

    @Test func showsWhatItWasGivenHowItWentAndWhatItUsed() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("boosted", tags: [Tag(key: "team", value: "oncology")])
        try await fixture.runs.log(
            RunBatch(
                metrics: (0..<5).map { .at($0, 1 / Double($0 + 1), key: "loss") } + [.at(0, 0.97, key: "auc")],
                params: [Param(key: "depth", value: "3")]),
            to: run, by: "ann")
        let dataset = Dataset(name: "patients", digest: "a9cf", sourceType: "http", source: "{}")
        try await fixture.runs.logInputs(
            [DatasetInput(dataset: dataset, tags: [Tag(key: "mlflow.data.context", value: "training")])], models: [],
            to: run)
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/runs/\(run)", headers: Self.browser).text
            #expect(page.contains("<figcaption>loss"), "a curve of what was logged more than once")
            #expect(!page.contains("<figcaption>auc"))
            for text in ["0.97", "depth", "patients", "training", "team=oncology", "dataset.digest%20%3D%20%27a9cf%27"]
            {
                #expect(page.contains(text), "\(text)")
            }
            #expect(!page.contains("mlflow.data.context"))
        }
    }

    /// What slices above know is drawn after the rest, and told what else the address says.
    @Test func othersAddParts() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("boosted")
        try await fixture.runs.log(RunBatch(metrics: [.at(0, 1), .at(1, 2)]), to: run, by: "ann")
        var routes = Routes()
        TrackingRoutes(
            experiments: fixture.experiments, runs: fixture.runs, metrics: fixture.metrics, models: fixture.models,
            runParts: [
                RunPart { run, call, others in
                    "<p>\(run.info.name): \(others.map(\.name).joined(separator: ",")), \(call.query("path") ?? "")</p>"
                },
                RunPart { _, _, _ in nil },
            ]
        ).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let page = try await server.get("/runs/\(run)?smooth=0.6&x=time&path=a%20b&y=1", headers: Self.browser).text
            #expect(page.contains("<p>boosted: smooth,x, a b</p>"), "\(page)")
            // The form of the curves keeps what is open.
            #expect(page.contains("<input type=\"hidden\" name=\"path\" value=\"a b\">"))
        }
    }

    @Test func anUnknownRunIs404() async throws {
        let fixture = try await TrackingFixture()
        try await LiveServer.run(fixture.routes) { server in
            let answer = try await server.get("/runs/nosuch", headers: Self.browser)
            #expect(answer.status == 404)
        }
    }
}
