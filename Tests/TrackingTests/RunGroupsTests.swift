import TestSupport
import Testing
import Tracking
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunGroupsTests {
    private func fixture() async throws -> TrackingFixture {
        let fixture = try await TrackingFixture()
        let runs: [(depth: String?, auc: [Double])] = [
            ("3", [0.5, 0.7]), ("3", [0.9]), ("4", [0.8]), ("4", [.nan]), ("3", []), (nil, [0.1]),
        ]
        for (number, run) in runs.enumerated() {
            let id = try await fixture.run(
                "run \(number)", startMs: Int64(number), tags: [Tag(key: "it's", value: "a'b\"c")])
            try await fixture.runs.log(
                RunBatch(
                    metrics: run.auc.enumerated().map { .at(Int64($0.offset), $0.element, key: "auc") },
                    params: run.depth.map { [Param(key: "depth", value: $0)] } ?? []), to: id, by: "ann")
        }
        return fixture
    }

    private func groups(_ fixture: TrackingFixture, by columns: String, _ measures: String, order: String = "")
        async throws -> RunGroups
    {
        var view = RunView()
        (view.groups, view.columns, view.order) = (columns, measures, order)
        return try await fixture.runs.groups(view.wanted(in: .first))
    }

    @Test func addsUpWhatRunsOfAGroupHave() async throws {
        let found = try await groups(fixture(), by: "params.depth", "metrics.auc, params.depth")
        #expect(found.groups.map(\.values) == [[.text("3", isCut: false)], [.text("4", isCut: false)], [.missing]])
        #expect(found.groups.map(\.count) == [3, 2, 1])
        #expect(found.measures.map(\.text) == ["metrics.auc"])
        let three = try #require(found.groups.first?.spreads.first)
        #expect(three.count == 2)
        #expect(abs(three.mean - 0.8) < 1e-15)
        #expect(abs((three.deviation ?? 0) - 0.02.squareRoot()) < 1e-15)
        #expect((three.least, three.greatest) == (0.7, 0.9))
        #expect(found.groups[1].spreads[0].count == 1, "NaN counts nowhere")
        #expect(found.groups[1].spreads[0].deviation == nil)
        #expect((found.looked, found.isMore, found.groupCount) == (6, false, 3))
    }

    @Test func takesTheChosenNumberOfAHistoryAndSortsByIt() async throws {
        let found = try await groups(
            fixture(), by: "params.depth", "min(metrics.auc)", order: "min(metrics.auc)")
        #expect(found.groups.map { $0.spreads[0].least } == [0.1, 0.5, 0.8])
    }

    @Test func groupsOfSeveralColumnsAreToldApart() async throws {
        let fixture = try await fixture()
        let id = try await fixture.run("ended")
        _ = try await fixture.runs.update(id, RunUpdate(status: .finished), by: "ann")
        let found = try await groups(fixture, by: "status, params.depth", "")
        #expect(found.groups.count == 4)
        #expect(found.groups.map(\.count).reduce(0, +) == 7)
    }

    @Test func aGroupIsAViewOfItsRuns() async throws {
        let fixture = try await fixture()
        try await LiveServer.run(fixture.routes) { server in
            let page = try await server.get(
                "/experiments/0?group_by=params.depth&filter=metrics.auc%20%3E%200%20OR%20metrics.auc%20%3C%3D%200"
            ).text
            #expect(page.contains("3 groups of 4 runs"))
            let links = page.matches(
                of: /<a href="(\/experiments\/0\?[^"]*filter=[^"]*depth[^"]*)">([34]|\(none\))<\/a>/)
            #expect(links.count == 3)
            for link in links {
                let address = String(link.1).replacing("&amp;", with: "&")
                let narrow = try await server.get(address).text
                #expect(narrow.contains(link.2 == "3" ? "2 runs" : "1 run"), "\(link.2)")
            }
            // The language has no words for a text with both quotes.
            let words = try await server.get("/experiments/0?group_by=tags.%22it's%22").text
            #expect(words.contains("a&#39;b&quot;c"))
            #expect(!words.contains("href=\"/experiments/0?filter=tags"))
        }
    }
}

@Suite struct SpreadTests {
    @Test func keepsTheDeviationOfNumbersFarFromZero() {
        var spread = Spread()
        for value in [1e9 + 1, 1e9 + 2, 1e9 + 3] { spread.add(value) }
        #expect(spread.deviation == 1)
        #expect(spread.mean == 1e9 + 2)
    }
}
