import NIOHTTP1
import TestSupport
import Testing
import Tracking
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
            for text in ["0.97", "depth", "patients", "training", "team=oncology", "/runs/\(run)/artifacts"] {
                #expect(page.contains(text), "\(text)")
            }
            #expect(!page.contains("mlflow.data.context"))
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
