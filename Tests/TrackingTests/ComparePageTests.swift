import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Wire

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
