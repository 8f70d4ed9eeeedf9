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
            #expect(page.contains("data-column=\"metrics.auc\"") && page.contains("data-column=\"params.depth\""))
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

    @Test func headingsSortAndMoreOfThemSortMore() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            /// The address behind a heading.
            func link(_ page: String, _ column: String, added: Bool = false) throws -> String {
                let heading = try #require(page.firstRange(of: "data-column=\"\(column)\">"))
                let rest = page[heading.upperBound...]
                let match = try #require(rest.firstMatch(of: /<a href="([^"]*)" data-added="([^"]*)"/))
                return String(added ? match.2 : match.1).replacing("&amp;", with: "&")
            }
            func order(_ page: String) -> [String] {
                page.matches(of: /<tr data-run="[^"]*" aria-rowindex="[0-9]+">.*?<a [^>]*>(.*?)<\/a>/).map {
                    String($0.1)
                }
            }
            let page = try await server.get("/experiments/0").text
            let best = try await server.get(link(page, "metrics.auc")).text
            #expect(best.contains("aria-sort=\"descending\" title=\"metrics.auc\""))
            #expect(order(best).suffix(2) == ["second", "first"])
            let worst = try await server.get(link(best, "metrics.auc")).text
            #expect(order(worst).prefix(2) == ["first", "second"])
            let none = try await server.get(link(worst, "metrics.auc")).text
            #expect(!none.contains("aria-sort"))
            let both = try await server.get(link(best, "params.depth", added: true)).text
            #expect(both.contains("↓1"))
            #expect(both.contains("↑2"))
        }
    }

    @Test func keepsTheViewInEveryLink() async throws {
        let fixture = try await fixture()
        let pinned = try await fixture.run("pinned", startMs: 9)
        try await LiveServer.run(fixture.routes) { server in
            let view = "filter=metrics.auc%20%3E%3D%200&columns=params.depth%2C%20max%28metrics.auc%29&pin=\(pinned)"
            let page = try await server.get("/experiments/0?\(view)").text
            #expect(page.contains("&amp;order_by=max%28metrics.auc%29%20DESC&amp;columns=params.depth"))
            #expect(page.contains("<input type=\"hidden\" name=\"columns\" value=\"params.depth, max(metrics.auc)\">"))
            #expect(page.contains("<tbody class=\"pinned\"><tr data-run=\"\(pinned)\">"))
            #expect(page.contains("<small>max</small>"))
            #expect(page.contains("/experiments/0/runs.csv?\(view.replacing("&", with: "&amp;"))"))
            let rows = try await server.get("/experiments/0/rows?\(view)&offset=1&limit=2").text
            #expect(rows.hasPrefix("<table><tbody><tr data-run="))
            #expect(rows.contains("aria-rowindex=\"3\""))
            #expect(try await server.get("/experiments/0/rows?filter=nope").status == 400)
        }
    }

    @Test func cutsLongTextsAndShowsWhatIsNoNumber() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("مرحبا 🐦")
        try await fixture.runs.log(
            RunBatch(
                metrics: [.at(0, .nan, key: "auc"), .at(0, 0.123456789, key: "loss")],
                tags: [Tag(key: "note", value: String(repeating: "<x>", count: 2600))]), to: run, by: "ann")
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments/0?columns=metrics.auc,metrics.loss,tags.note").text
            #expect(page.contains("<bdi>مرحبا 🐦</bdi>"))
            #expect(page.contains("<td class=\"number\">NaN</td>"))
            #expect(page.contains("<td class=\"number\" title=\"0.123456789\">0.1235</td>"))
            #expect(!page.contains("<x>") && page.utf8.count < 20_000)
        }
    }

    @Test func putsTheCaretUnderWhatIsWrong() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get("/experiments/0?filter=run_id%20%3D%20%3Cb%3E").text
            #expect(page.contains("<samp class=\"caret\">run_id = &lt;b&gt;\n         ^</samp>"))
            let order = try await server.get("/experiments/0?order_by=nope").text
            #expect(order.contains("<samp class=\"caret\">nope\n^</samp>"))
        }
    }

    @Test func experimentsAreFoundByPartsOfTheirNamesAndByPage() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<101 { _ = try await fixture.experiments.create(name: "churn \(number)", by: "ann") }
        try await LiveServer.run(fixture.routes) { server in
            let found = try await server.get("/experiments?q=CHURN%2042").text
            #expect(found.contains(">churn 42<") && !found.contains(">churn 41<") && !found.contains("Next"))
            #expect(try await server.get("/experiments?q=%25").text.contains("No experiment is called so."))
            let first = try await server.get("/experiments?q=churn").text
            let link = try #require(first.firstMatch(of: /href="(\/experiments\?[^"]*)">Next/))
            let next = try await server.get(String(link.1).replacing("&amp;", with: "&")).text
            #expect(next.contains(">churn 0<") && !next.contains(">churn 1<"))
        }
    }

    @Test func pagesThroughManyRuns() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<51 { _ = try await fixture.run("run \(number)", startMs: Int64(number)) }
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
