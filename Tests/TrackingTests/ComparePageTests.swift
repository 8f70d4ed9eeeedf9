import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Tracking

@Suite(.everyEngine) struct ComparePageTests {
    private static let browser: HTTPHeaders = ["Accept": "text/html"]

    private func serve(_ body: (LiveServer, [String]) async throws -> Void) async throws {
        try await TrackingFixture.serve { fixture, server in
            var ids: [String] = []
            for (place, loss) in [0.5, 0.25, .nan].enumerated() {
                let id = try await fixture.run("run <\(place)>")
                try await fixture.runs.log(
                    RunBatch(
                        metrics: [.at(0, 1, key: "loss"), .at(1, loss, key: "loss"), .at(0, 0.9, key: "auc")],
                        params: [Param(key: "depth", value: "\(place + 2)"), Param(key: "kind", value: "tree")]),
                    to: id, by: "ann")
                ids.append(id)
            }
            try await body(server, ids)
        }
    }

    @Test func tellsWhatDiffersFromThePinnedRun() async throws {
        try await serve { server, ids in
            let all = "/compare?runs=\(ids.joined(separator: ","))"
            let page = try await server.get("\(all)&pin=\(ids[0])", headers: Self.browser).text
            #expect(page.contains("Compare 3 runs") && page.contains("run &lt;1&gt;"))
            #expect(
                page.contains("<b title=\"the best of these\">0.25</b><br><small class=\"quiet\">−0.25, −50 %</small>"))
            #expect(page.contains(">NaN<"), "\(page)")
            #expect(page.contains("<tr class=\"differing\"><th scope=\"row\">depth</th>"))
            #expect(page.contains("<tr><th scope=\"row\">kind</th>"))
            let differing = try await server.get("\(all)&differing=1", headers: Self.browser).text
            #expect(!differing.contains("scope=\"row\">kind</th>") && differing.contains("scope=\"row\">depth</th>"))
            let found = try await server.get("\(all)&keys=AU", headers: Self.browser).text
            #expect(found.contains("scope=\"row\">auc</th>") && !found.contains("scope=\"row\">loss</th>"))
        }
    }

    @Test func whatIsNoNumberInAllIsTheSame() async throws {
        try await TrackingFixture.serve { fixture, server in
            var ids: [String] = []
            for place in 0..<2 {
                ids.append(try await fixture.run("run \(place)"))
                try await fixture.runs.log(
                    RunBatch(metrics: [.at(0, .nan, key: "lost")], params: [Param(key: "none", value: "nan")]),
                    to: ids[place], by: "ann")
            }
            let page = try await server.get("/compare?runs=\(ids[0]),\(ids[1])", headers: Self.browser).text
            #expect(
                page.contains("<tr><th scope=\"row\">lost</th>") && page.contains("<tr><th scope=\"row\">none</th>"))
        }
    }

    /// Of runs with more than fits, as much is read of each, and only what is known of all is compared.
    @Test func saysThatKeysAreLeftOut() async throws {
        let fixture = try await TrackingFixture()
        var ids: [String] = []
        for place in 0..<2 {
            ids.append(try await fixture.run("run \(place)"))
            let keys = place == 0 ? ["a", "b", "c", "d"] : ["b", "x"]
            try await fixture.runs.log(
                RunBatch(metrics: keys.map { .at(0, 1, key: $0) }, params: [Param(key: "depth", value: "3")]),
                to: ids[place], by: "ann")
        }
        #expect(try await fixture.runs.runs(ids, most: 2).map { $0.metrics.map(\.key) } == [["a", "b"], ["b", "x"]])
        #expect(
            try await fixture.runs.latest(limit: 9, most: 1).flatMap { $0.metrics.map(\.key) }.sorted() == ["a", "b"])
        var routes = Routes()
        ComparePage(runs: fixture.runs, metrics: fixture.metrics, mostValues: 4).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let both = try await server.get("/compare?runs=\(ids[0]),\(ids[1])", headers: Self.browser).text
            func has(_ key: String) -> Bool { both.contains("<th scope=\"row\">\(key)</th>") }
            #expect(both.contains("the runs have too many metrics to be compared at once"))
            #expect(has("a") && has("b") && !has("c") && !has("x") && has("depth"))
            let one = try await server.get("/compare?runs=\(ids[0])", headers: Self.browser).text
            #expect(one.contains("<th scope=\"row\">d</th>") && !one.contains("too many"))
        }
    }

    /// Or the form would change the picture when something else is chosen.
    @Test func whatIsDrawnIsOnTheListHoweverLong() async throws {
        try await TrackingFixture.serve { fixture, server in
            var ids: [String] = []
            for place in 0..<2 {
                ids.append(try await fixture.run("run \(place)"))
                let metrics = (0..<600).map { Metric.at(0, Double(place), key: "k\(1000 + $0)") }
                try await fixture.runs.log(RunBatch(metrics: metrics), to: ids[place], by: "ann")
            }
            let page = try await server.get(
                "/compare?runs=\(ids[0]),\(ids[1])&plot_y=metrics.k1599", headers: Self.browser
            ).text
            #expect(page.contains("<option value=\"metrics.k1599\" selected>metrics.k1599</option>"))
            #expect(!page.contains("<option value=\"metrics.k1598\""))
        }
    }

    @Test func keepsTheRestOfTheAddress() async throws {
        try await serve { server, ids in
            let page = try await server.get(
                "/compare?runs=\(ids[0]),\(ids[1])&differing=1&x=time&pin=\(ids[1])", headers: Self.browser
            ).text
            // Leaving one out keeps the other, the pin, and how the curves are looked at.
            #expect(page.contains("/compare?runs=\(ids[1])&amp;pin=\(ids[1])&amp;differing=1&amp;x=time"))
            #expect(page.contains("<input type=\"hidden\" name=\"x\" value=\"time\">"))
        }
    }

    @Test func saysWhichAreGoneAndHowManyFit() async throws {
        try await serve { server, ids in
            let page = try await server.get("/compare?runs=\(ids[0]),\(ids[0]),nosuch", headers: Self.browser).text
            #expect(page.contains("Compare 1 runs") == false && page.contains("One run is not there any more."))
            let many = (0..<101).map { "r\($0)" }.joined(separator: ",")
            let answer = try await server.get("/compare?runs=\(many)", headers: Self.browser)
            #expect(answer.status == 400 && answer.text.contains("more than the 100"))
            #expect(try await server.get("/compare", headers: Self.browser).text.contains("Choose runs"))
        }
    }

    /// Nine runs over a grid of two params, with a metric that rises with both, one that is the same in all, and one that is no number.
    private func serveGrid(_ body: (LiveServer, String) async throws -> Void) async throws {
        try await TrackingFixture.serve { fixture, server in
            var ids: [String] = []
            for place in 0..<9 {
                let id = try await fixture.run("r<\(place)>", tags: [Tag(key: "team", value: place < 4 ? "<a>" : "b")])
                let (x, y) = (place % 3, place / 3)
                try await fixture.runs.log(
                    RunBatch(
                        metrics: [
                            .at(0, Double(x + 10 * y), key: "auc"), .at(0, 7, key: "same"), .at(0, .nan, key: "lost"),
                        ],
                        params: [Param(key: "depth", value: "\(x)"), Param(key: "rate", value: "\(y)")]
                            + (place == 8 ? [] : [Param(key: "late", value: "1\(0)")])),
                    to: id, by: "ann")
                ids.append(id)
            }
            try await body(server, "/compare?runs=\(ids.joined(separator: ","))")
        }
    }

    @Test func aHeightOverTwoOthers() async throws {
        try await serveGrid { server, all in
            func page(_ query: String) async throws -> String {
                try await server.get("\(all)&plot=contour\(query)", headers: Self.browser).text
            }
            let usual = try await page("")
            #expect(usual.contains("auc over depth and rate, of 9 runs"), "\(usual.suffix(6000))")
            #expect(usual.contains("class=\"band-1\"") && usual.contains("class=\"band-8\""))
            #expect(usual.contains("<title>r&lt;4&gt;: 11 at 1, 1</title>"))
            #expect(usual.contains("href=\"\(all.replacing(",", with: "%2C"))&amp;plot=box#together\">Box</a>"))
            let turned = try await page("&plot_x=params.rate&plot_y=params.depth")
            #expect(turned.contains("auc over rate and depth, of 9 runs"))
            #expect(
                try await page("&plot_z=metrics.same").contains("All 9 runs have the same same, 7: choose another."))
            #expect(
                try await page("&plot_x=metrics.same").contains("All 9 runs have the same same, 7: choose another."))
            let lost = try await page("&plot_z=metrics.lost")
            #expect(
                lost.contains("No run has all three as numbers") && lost.contains("9 runs have no number for one of"))
            // Runs that lack one of them are left out, and counted.
            let fewer = try await page("&plot_x=params.late")
            #expect(fewer.contains("One run has no number for one of late"))
            // What the address asks for and is not there is what would be shown without.
            #expect(try await page("&plot_z=metrics.nosuch").contains("auc over depth and rate"))
        }
    }

    @Test func boxesOfGroups() async throws {
        try await serveGrid { server, all in
            func page(_ query: String) async throws -> String {
                try await server.get("\(all)&plot=box\(query)", headers: Self.browser).text
            }
            let usual = try await page("&plot_y=metrics.auc&plot_by=params.rate")
            // auc is 0, 1, 2 where rate is 0.
            #expect(
                usual.contains("<tr><th scope=\"row\">0</th><td class=\"number\">3</td>")
                    && usual.contains("<td class=\"number\">1</td><td class=\"number\">0.5 to 1.5</td></tr>"),
                "\(usual)")
            let teams = try await page("&plot_by=tags.team")
            #expect(teams.contains("<th scope=\"row\">&lt;a&gt;</th><td class=\"number\">4</td>"))
            let lost = try await page("&plot_y=metrics.lost")
            #expect(lost.contains("No run has a number for lost") && lost.contains("9 runs have no number for lost"))
            let late = try await page("&plot_by=params.late")
            #expect(late.contains("<th scope=\"row\">without it</th>"))
            let one = try await page("&plot_y=metrics.same&plot_by=params.depth")
            #expect(one.contains("from 7 to 7, quartiles 7 and 7, median 7"))
            // Forms of other parts keep the choice.
            #expect(one.contains("<input type=\"hidden\" name=\"plot_by\" value=\"params.depth\">"))
        }
    }

    @Test func refusesAPictureThatThereIsNot() async throws {
        try await serveGrid { server, all in
            let pie = try await server.get("\(all)&plot=pie", headers: Self.browser)
            #expect(pie.status == 400)
            let one = String(all.prefix { $0 != "," })
            for kind in ["scatter", "contour", "box"] {
                let page = try await server.get("\(one)&plot=\(kind)", headers: Self.browser).text
                #expect(page.contains("One run has nothing to be drawn together with"))
            }
        }
    }

    /// Whatever experiment they are in; none that is in the trash.
    @Test func theLatestRunsOfAll() async throws {
        let fixture = try await TrackingFixture()
        let other = try await fixture.experiments.create(name: "other", by: "ann")
        var ids: [String] = []
        for (place, experiment) in [ExperimentID.first, other, .first].enumerated() {
            ids.append(try await fixture.run("r\(place)", startMs: Int64(place), in: experiment))
        }
        try await fixture.runs.delete(ids[2], by: "ann")
        #expect(try await fixture.runs.latest(limit: 10).map(\.info.id) == [ids[1], ids[0]])
        #expect(try await fixture.runs.latest(limit: 1).map(\.info.id) == [ids[1]])
        #expect(try await fixture.runs.runs([ids[2], "nosuch", ids[0]]).map(\.info.id) == [ids[2], ids[0]])
    }
}
