import Registry
import TestSupport
import Testing
import Tracking
import Web
import Wire

/// A model with its versions, for people.
@Suite struct ModelPageTests {
    @Test(.everyEngine) func listsModelsByPage() async throws {
        let fixture = try await RegistryFixture()
        var routes = Routes()
        ModelPage(models: fixture.models, versions: fixture.versions, runs: fixture.runs).routes(into: &routes)
        for number in 1...201 { _ = try await fixture.models.create(name: "m\(1000 + number)", by: "ann") }
        try await LiveServer.run(routes) { server in
            let first = try await server.get("/models").text
            #expect(first.contains("/models/m1200\"") && !first.contains("/models/m1201\""))
            let next = try #require(first.firstMatch(of: /href="([^"]*page_token=[^"]*)"/)?.1)
            let second = try await server.get(String(next)).text
            #expect(second.contains("/models/m1201\"") && !second.contains("/models/m1200\""))
        }
    }

    @Test(.everyEngine) func showsVersionsByPageWithTheRunsTheyCameFrom() async throws {
        let fixture = try await RegistryFixture()
        var routes = Routes()
        ModelPage(models: fixture.models, versions: fixture.versions, runs: fixture.runs).routes(into: &routes)
        _ = try await fixture.models.create(name: "churn", by: "ann")
        let run = try await fixture.run()
        try await fixture.runs.log(
            RunBatch(metrics: [Metric(key: "auc", value: 0.75, timestamp: Timestamp(milliseconds: 0))]), to: run.id,
            by: "ann")
        for number in 1...101 {
            let origin = [1: run.id, 2: String(repeating: "0", count: 32)][number] ?? ""
            _ = try await fixture.versions.create(
                NewModelVersion(name: "churn", source: "s3://bucket/\(number)", runID: origin), by: "ann")
        }
        try await LiveServer.run(routes) { server in
            let first = try await server.get("/models/churn").text
            let rows = { (text: String) in text.matches(of: /<tr><th scope="row"/).count }
            #expect(rows(first) == 100)
            #expect(
                first.contains("/versions/101\"") && first.contains("/versions/2\"") && !first.contains("/versions/1\"")
            )
            let next = try #require(first.firstMatch(of: /href="([^"]*page_token=[^"]*)"/)?.1)
            let second = try await server.get(String(next)).text
            #expect(rows(second) == 1 && second.contains("/versions/1\""))
            #expect(second.contains("href=\"/runs/\(run.id)\"") && second.contains("auc=0.75"), "\(second)")
        }
    }

    /// Models may be called nearly anything; what is copied stays one text.
    @Test func aNameDoesNothingInPython() {
        let snippet = ModelPage.loading(#"x");f("/1"#, from: "http://host")
        #expect(snippet.hasSuffix(#"load_model("models:/x\");f(\"/1")"#), "\(snippet)")
    }
}
