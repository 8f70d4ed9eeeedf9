import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine) struct FilterCompletionTests {
    /// `|` is where somebody writes; what is offered there, and from which character on.
    @Test(arguments: [
        ("|", ["artifact_uri", "end_time", "run_id", "run_name"], 0), ("st|", ["start_time", "status"], 0),
        ("metrics.|", ["metrics.auc", "metrics.loss"], 0), ("metrics.lo|", ["metrics.loss"], 0),
        ("AU|", ["metrics.auc"], 0), ("params.`learn|", ["params.`learning rate`"], 0),
        ("best(metrics.a|", ["metrics.auc"], 5), ("NOT (st|", ["start_time", "status"], 5),
        ("status |", ["=", "!=", "LIKE", "ILIKE"], 7), ("params.depth IS|", ["IS NULL", "IS NOT NULL"], 13),
        ("metrics.auc |", ["=", "!=", ">", ">="], 12), ("best(metrics.auc) B|", ["BETWEEN"], 18),
        ("status = |", ["'RUNNING'", "'SCHEDULED'", "'FINISHED'", "'FAILED'"], 9),
        ("status = 'F|", ["'FINISHED'", "'FAILED'"], 9), ("status IN ('FAILED', |", ["'RUNNING'", "'SCHEDULED'"], 21),
        ("metrics.auc > 0.5 |", ["AND", "OR"], 18), ("(metrics.auc > 0.5 |", [")", "AND", "OR"], 19),
        ("metrics.auc BETWEEN 1 AND 2 A|", ["AND"], 28), ("params.depth = '3' AND met|", ["metrics."], 23),
        ("status = 'FAILED' OR st| > 3", ["start_time", "status"], 21), ("= 3 |", [], -1), ("a b c |", [], -1),
    ])
    func offersWhatMayComeNext(_ text: String, _ expected: [String], _ start: Int) async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("a")
            try await fixture.runs.log(
                RunBatch(
                    metrics: [.at(0, 1, key: "auc"), .at(0, 1, key: "loss")],
                    params: [Param(key: "learning rate", value: "1"), Param(key: "depth", value: "3")]), to: run,
                by: "ann")
            let halves = text.split(separator: "|", omittingEmptySubsequences: false)
            let query = "filter=\(String(halves.joined()).queryEscaped)&at=\(halves[0].unicodeScalars.count)"
            let answer = try await server.get("/api/v1/experiments/0/complete?\(query)").json
            let offered = answer["completions"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(Array(offered.prefix(expected.count)) == expected, "\(offered)")
            #expect(expected.isEmpty == offered.isEmpty, "\(offered)")
            #expect(answer["from"] == (start < 0 ? nil : .integer(Int64(start))))
        }
    }

    @Test func saysWhatIsWrongAndWhere() async throws {
        try await TrackingFixture.serve { _, server in
            let answer = try await server.get("/api/v1/experiments/0/complete?filter=metrics.auc%20%3E").json
            #expect(answer["problem"]?["position"] == 14)
            #expect(try await server.get("/api/v1/experiments/0/complete?filter=").json["problem"] == nil)
            for filter in ["'", "((((", "metrics.`a", "%F0%9F%90%A6 = ", "a.b.c.'"] {
                let address =
                    "/api/v1/experiments/0/complete?filter=\(filter.hasPrefix("%") ? filter : filter.queryEscaped)&at=99999"
                #expect(try await server.get(address).status == 200, "\(filter)")
            }
        }
    }
}
