import TestSupport
import Testing
import Tracking
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunTableRoutesTests {
    /// Two runs: one that says hostile things, and one with a metric that was never a number.
    private func hostile(_ fixture: TrackingFixture) async throws -> [String] {
        let first = try await fixture.run("<b>\"a\",=1</b>", startMs: 1)
        let second = try await fixture.run("=cmd()", startMs: 2)
        try await fixture.runs.log(
            RunBatch(
                metrics: [.at(0, 0.25, key: "auc"), .at(1, -0.5, key: "auc")],
                params: [Param(key: "depth", value: "-3"), Param(key: "say", value: "a\"b,\nc")],
                tags: [Tag(key: "long", value: String(repeating: "ä", count: 8000))]), to: first, by: "ann")
        try await fixture.runs.log(
            RunBatch(metrics: [.at(0, .nan, key: "auc")], params: [Param(key: "say", value: "@SUM(A1)")]), to: second,
            by: "ann")
        return [first, second]
    }

    @Test func answersColumns() async throws {
        try await TrackingFixture.serve { fixture, server in
            let ids = try await hostile(fixture)
            let columns = "metrics.auc,max(metrics.auc),params.depth,tags.long,status"
            let answer = try await server.get("/api/v1/experiments/0/runs?columns=\(columns)&max_text=3").json
            #expect(
                answer == [
                    "run_id": .strings([ids[1], ids[0]]), "run_name": ["=cmd()", "<b>\"a\",=1</b>"],
                    "columns": [
                        ["column": "metrics.auc", "values": ["NaN", -0.5]],
                        ["column": "max(metrics.auc)", "values": [nil, 0.25]],
                        ["column": "params.depth", "values": [nil, "-3"]],
                        ["column": "tags.long", "values": [nil, "äää…"]],
                        ["column": "attributes.status", "values": ["RUNNING", "RUNNING"]],
                    ], "total": 2, "total_is_more": false,
                ])
            let whole = try await server.get(
                "/api/v1/experiments/0/runs?columns=tags.long&filter=tags.long%20LIKE%20'%C3%A4%25'")
            #expect(try whole.json["columns"]?.arrayValue?[0]["values"]?.arrayValue?[0].stringValue?.count == 8000)
        }
    }

    @Test func pagesByTokenAndByPlace() async throws {
        try await TrackingFixture.serve { fixture, server in
            for number in 0..<7 { _ = try await fixture.run("run \(number)", startMs: Int64(number)) }
            let path = "/api/v1/experiments/0/runs?columns=&limit=3"
            let first = try await server.get(path).json
            let token = try #require(first["next_page_token"]?.stringValue)
            let second = try await server.get("\(path)&page_token=\(token)").json
            #expect(second["run_name"] == ["run 3", "run 2", "run 1"])
            #expect(try await server.get("\(path)&offset=3").json["run_name"] == second["run_name"])
            #expect(first["total"] == 7 && second["total"] == nil)
            #expect(try await server.get("\(path)&offset=90").json["run_name"] == [])
            for bad in ["offset=-1", "limit=0&offset=1", "limit=1001", "page_token=x"] {
                #expect(try await server.get("/api/v1/experiments/0/runs?\(bad)").status == 400, "\(bad)")
            }
            #expect(try await server.get("/api/v1/experiments/99/runs").status == 404)
        }
    }

    @Test(arguments: [
        ("filter=metrics.auc%20%3E", "filter", 14), ("order_by=metrics.auc%20UP", "order_by", 13),
        ("columns=metrics.auc,nope", "columns", 13), ("group_by=metrics.auc", "group_by", 1),
    ])
    func saysWhereAQuestionIsWrong(_ query: String, _ parameter: String, _ position: Int) async throws {
        try await TrackingFixture.serve { _, server in
            let answer = try await server.get("/api/v1/experiments/0/runs?\(query)")
            #expect(answer.status == 400)
            let json = try answer.json
            #expect(json["parameter"]?.stringValue == parameter)
            #expect(json["position"] == .integer(Int64(position)))
            #expect(json["error_code"] == "INVALID_PARAMETER_VALUE")
        }
    }

    @Test func groupsAreAnsweredWithTheirNumbers() async throws {
        try await TrackingFixture.serve { fixture, server in
            _ = try await hostile(fixture)
            let answer = try await server.get("/api/v1/experiments/0/groups?group_by=status&columns=metrics.auc").json
            #expect(
                answer == [
                    "groups": [
                        [
                            "values": ["RUNNING"], "runs": 2,
                            "metrics": [["column": "metrics.auc", "count": 1, "mean": -0.5, "min": -0.5, "max": -0.5]],
                        ]
                    ], "group_count": 1, "runs_looked_at": 2, "more_runs": false,
                ])
            #expect(try await server.get("/api/v1/experiments/0/groups").status == 400)
        }
    }

    @Test func countsRunsThatBeganSince() async throws {
        try await TrackingFixture.serve { fixture, server in
            for start in [10, 20, 30] { _ = try await fixture.run("run \(start)", startMs: Int64(start)) }
            let path = "/api/v1/experiments/0/runs/new?since="
            #expect(try await server.get(path + "10").json == ["new": 2, "is_more": false])
            #expect(try await server.get(path + "30").json == ["new": 0, "is_more": false])
            let one = try await server.get(path + "5&filter=run_name%20%3D%20'run%2020'%20OR%20run_name%20%3D%20'x'")
                .json
            #expect(one["new"] == 1)
            #expect(try await server.get("/api/v1/experiments/0/runs/new").status == 400)
        }
    }

    @Test func aFileHoldsTheWholeViewAndNoFormulas() async throws {
        try await TrackingFixture.serve { fixture, server in
            let ids = try await hostile(fixture)
            let view = "columns=metrics.auc,params.depth,params.say,start_time&order_by=start_time%20ASC"
            let answer = try await server.get("/experiments/0/runs.csv?\(view)")
            #expect(answer.header("Content-Type") == "text/csv; charset=utf-8")
            #expect(
                answer.text == """
                    run_id,run_name,metrics.auc,params.depth,params.say,attributes.start_time\r
                    \(ids[0]),"<b>""a"",=1</b>",-0.5,-3,"a""b,\nc",1970-01-01T00:00:00.001Z\r
                    \(ids[1]),'=cmd(),NaN,,'@SUM(A1),1970-01-01T00:00:00.002Z\r\n
                    """)
            let few = try await server.get("/experiments/0/runs.csv?filter=params.depth%20%3D%20'-3'").text
            #expect(few.hasPrefix("run_id,run_name,attributes.status,"))
            #expect(few.split(separator: "\r\n").count == 2)
        }
    }

    @Test func aFileOfGroupedRunsSaysWhatTheyArePutTogetherBy() async throws {
        try await TrackingFixture.serve { fixture, server in
            _ = try await hostile(fixture)
            for (query, heading) in [
                ("", "params.depth,metrics.auc"),
                ("&columns=metrics.auc,params.say", "params.depth,metrics.auc,params.say"),
            ] {
                let page = try await server.get("/experiments/0?group_by=params.depth,run_name\(query)").text
                let link = try #require(page.firstMatch(of: /href="([^"]*runs\.csv[^"]*)" download>Runs as CSV</)?.1)
                let file = try await server.get(String(link).replacing("&amp;", with: "&")).text
                #expect(file.hasPrefix("run_id,run_name,\(heading)\r\n"), "\(file)")
                #expect(file.contains(",-3,-0.5"))
            }
            #expect(try await server.get("/experiments/0").text.contains(" download>CSV</a>"))
        }
    }

    @Test func aFileGoesOnBeyondAPortion() async throws {
        try await TrackingFixture.serve { fixture, server in
            let new = try NewRun(experimentID: .first, startTime: Timestamp(milliseconds: 1), name: "x")
            for _ in 0..<2005 { _ = try await fixture.runs.create(new, by: "ann") }
            let lines = try await server.get("/experiments/0/runs.csv?columns=").text.split(separator: "\r\n")
            #expect(lines.count == 2006)
            #expect(Set(lines).count == 2006)
        }
    }

    // MARK: Many at once

    @Test func runsAreDeletedAndRestoredTogether() async throws {
        try await TrackingFixture.serve { fixture, server in
            var ids: [String] = []
            for number in 0..<3 { ids.append(try await fixture.run("run \(number)")) }
            let both: JSON = ["run_ids": .strings(ids.prefix(2))]
            #expect(try await server.post("/api/v1/runs/delete", json: both).json == ["changed": 2])
            #expect(
                try await server.post("/api/v1/runs/delete", json: ["run_ids": .strings(ids)]).json == ["changed": 1])
            #expect(try await fixture.runs.search(RunQuery(experimentIDs: [.first])).elements.isEmpty)
            #expect(try await server.post("/api/v1/runs/restore", json: both).json == ["changed": 2])
            #expect(try await fixture.eventKinds().filter { $0 == "run.deleted" }.count == 3)
            // All or none.
            let answer = try await server.post("/api/v1/runs/delete", json: ["run_ids": [.string(ids[0]), "nosuch"]])
            #expect(answer.status == 404)
            #expect(try await fixture.runs.run(ids[0]).info.stage == .active)
            for bad in [[:], ["run_ids": []], ["run_ids": .strings((0...1000).map { "\($0)" })]] as [JSON] {
                #expect(try await server.post("/api/v1/runs/delete", json: bad).status == 400)
            }
        }
    }

    @Test func runsAreTaggedTogether() async throws {
        try await TrackingFixture.serve { fixture, server in
            let ids = [try await fixture.run("a"), try await fixture.run("b")]
            let tags: JSON = [["key": "team", "value": "red"]]
            let path = "/api/v1/runs/tag"
            #expect(try await server.post(path, json: ["run_ids": .strings(ids), "tags": tags]).status == 200)
            for id in ids { #expect(try await fixture.runs.run(id).tag("team") == "red") }
            try await fixture.runs.delete(ids[1], by: "ann")
            let others: JSON = [["key": "team", "value": "blue"]]
            #expect(try await server.post(path, json: ["run_ids": .strings(ids), "tags": others]).status == 400)
            #expect(try await fixture.runs.run(ids[0]).tag("team") == "red")
            #expect(try await server.post(path, json: ["run_ids": .strings(ids)]).status == 400)
        }
    }
}
