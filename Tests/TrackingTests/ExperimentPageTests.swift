import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Wire

@Suite(.everyEngine) struct ExperimentPageTests {
    private static let browser: HTTPHeaders = ["Accept": "text/html"]

    /// Three runs with rising `auc`, the last with a hostile name.
    private func fixture() async throws -> TrackingFixture {
        let fixture = try await TrackingFixture()
        for (index, name) in ["first", "second", "<script>alert(1)</script>"].enumerated() {
            let run = try await fixture.run(name, startMs: Int64(index))
            try await fixture.runs.log(
                RunBatch(metrics: [.at(0, Double(index) / 10, key: "auc")], params: [Param(key: "depth", value: "3")]),
                to: run, by: "ann")
        }
        return fixture
    }

    @Test func listsExperimentsWithTheirRunsAndHowToAddOne() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments", headers: Self.browser).text
            #expect(page.contains("<a href=\"/experiments/0\">Default</a>"))
            #expect(page.contains(">3</td>"), "the number of its runs")
            #expect(page.contains("mlflow.set_tracking_uri(&quot;\(server.url)&quot;)"))
        }
    }

    @Test func showsRunsLatestFirstWithWhatTheyLogged() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments/0", headers: Self.browser).text
            #expect(page.contains("3 runs"))
            #expect(page.contains("auc</th>") && page.contains("depth</th>"))
            let first = try #require(page.firstRange(of: ">first<"))
            let second = try #require(page.firstRange(of: ">second<"))
            #expect(second.lowerBound < first.lowerBound)
        }
    }

    @Test func escapesWhatPeopleName() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments/0", headers: Self.browser).text
            #expect(!page.contains("<script>alert"))
            #expect(page.contains("&lt;script&gt;alert(1)"))
        }
    }

    @Test func filtersAndSortsByItsAddress() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let path = "/experiments/0?filter=metrics.auc%20%3C%200.15&order_by=metrics.auc%20ASC"
            let page = try await server.get(path, headers: Self.browser).text
            #expect(page.contains("2 runs"))
            #expect(page.contains("value=\"metrics.auc &lt; 0.15\""), "the form keeps what was typed")
            let first = try #require(page.firstRange(of: ">first<"))
            let second = try #require(page.firstRange(of: ">second<"))
            #expect(first.lowerBound < second.lowerBound)
        }
    }

    @Test func saysWhereAFilterIsWrongBesideTheFilter() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let answer = try await server.get("/experiments/0?filter=metrics.auc%20%3E", headers: Self.browser)
            #expect(answer.status == 200)
            #expect(answer.text.contains("(character 14 of the filter)"))
            #expect(answer.text.contains("value=\"metrics.auc &gt;\""))
        }
    }

    @Test func pagesThroughManyRuns() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<101 { _ = try await fixture.run("run \(number)", startMs: Int64(number)) }
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments/0", headers: Self.browser).text
            #expect(!page.contains(">run 0<"))
            let link = try #require(page.firstMatch(of: /href="(\/experiments\/0\?[^"]*)">Next/))
            let address = String(link.1).replacing("&amp;", with: "&")
            let next = try await server.get(address, headers: Self.browser).text
            #expect(next.contains(">run 0<") && !next.contains(">run 1<"))
        }
    }

    @Test func anUnknownExperimentIsAPageOfItsOwn() async throws {
        let fixture = try await TrackingFixture()
        try await LiveServer.run(fixture.routes) { server in
            let answer = try await server.get("/experiments/99", headers: Self.browser)
            #expect(answer.status == 404)
            #expect(answer.text.contains("<h1>Not found"))
        }
    }
}
