import Manifests
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct PredictionMetricsTests {
    @Test func countsRequestsRowsAndWhatTheySpendTheirTimeOn() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 3)
            for _ in 0..<2 {
                _ = try await server.post("/endpoints/booster/invocations", json: ["dataframe_split": known.split])
            }
            // What the version refuses is counted with it, what no version is asked about without one.
            _ = try await server.post("/endpoints/booster/invocations", json: ["rows": 1])
            _ = try await server.post(
                "/endpoints/booster/invocations", json: ["rows": 1], headers: ["X-Martlet-Variant": "other"])
            let answer = try await server.get("/metrics")
            #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let lines = Set(answer.text.split(separator: "\n").map(String.init))
            let of = #"endpoint="booster",variant="main",version="1""#
            for line in [
                "martlet_prediction_requests_total{\(of),status=\"200\"} 2",
                "martlet_prediction_requests_total{\(of),status=\"400\"} 1",
                #"martlet_prediction_requests_total{endpoint="booster",variant="",version="",status="404"} 1"#,
                #"martlet_endpoint_variant_ready{endpoint="booster",variant="main"} 1.0"#,
                "martlet_prediction_rows_total{\(of)} 6", "martlet_prediction_duration_seconds_count{\(of)} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"decode\"} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"predict\"} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"encode\"} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"queue\"} 2",
                #"martlet_prediction_requests_in_flight{endpoint="booster"} 0.0"#,
            ] {
                #expect(lines.contains(line), "\(line)\n\(answer.text)")
            }
        }
    }

    /// One model in Python that is killed, one as a shadow that is too slow for all the copies.
    @Test func tellsOfWorkersShadowsAndTheBacklogOfTheLog() async throws {
        let fixture = try await ServingFixture()
        let version = try await fixture.register("obedient", as: "obedient")
        let slow = try await fixture.register(as: "slow") { try PlantedModel(delay: .seconds(5)).write($0) }
        try await fixture.apply(
            "talk", spec: "{ variants: [{ model: 'models:/obedient/\(version)', python: { workers: 2 } }] }")
        let planted = try await fixture.register(as: "planted") { try PlantedModel().write($0) }
        try await fixture.apply(
            "copied",
            spec: """
                { variants: [{ model: 'models:/planted/\(planted)' }],
                  shadow: { model: 'models:/slow/\(slow)', percent: 100 } }
                """)
        try await fixture.serve { server in
            func metrics() async throws -> [String: String] {
                let lines = try await server.get("/metrics").text.split(separator: "\n")
                return Dictionary(
                    uniqueKeysWithValues: lines.filter { !$0.hasPrefix("#") }.map { line in
                        let name = line.prefix { $0 != " " }
                        return (String(name), String(line.dropFirst(name.count + 1)))
                    })
            }
            func wait(for name: String, _ value: String) async throws {
                while try await metrics()[name] != value { try Task.checkCancellation() }
            }
            let of = #"{endpoint="talk",variant="main",model="obedient",version="1"}"#
            try await wait(for: "martlet_workers_ready\(of)", "2.0")
            #expect(try await metrics()["martlet_workers_wanted\(of)"] == "2.0")
            #expect(try await metrics()["martlet_worker_restarts_total\(of)"] == "0.0")
            let crash = try await server.post(
                "/endpoints/talk/invocations", json: ["dataframe_records": [["command": "crash"]]])
            #expect(crash.status == 503)
            try await wait(for: "martlet_worker_restarts_total\(of)", "1.0")
            try await wait(for: "martlet_workers_ready\(of)", "2.0")
            let report = try await server.get("/api/v1/endpoints/talk").json["variants"]?.arrayValue?.first
            #expect(report?["workers"] == ["ready": 2, "wanted": 2, "restarts": 1])

            try await fixture.wait(for: "copied") { $0.state == .ready && $0.shadow?.deployed != nil }
            for _ in 0..<80 {
                let answer = try await server.post(
                    "/endpoints/copied/invocations", json: ["dataframe_records": [["x": 1.0]]])
                #expect(answer.status == 200)
            }
            // One is under way, as many wait as may, and the others are left out.
            let found = try await metrics()
            let taken = found[#"martlet_shadow_requests_total{endpoint="copied"}"#].flatMap(Double.init) ?? 0
            let dropped = found[#"martlet_shadow_requests_dropped_total{endpoint="copied"}"#].flatMap(Double.init) ?? 0
            #expect((64...70).contains(taken), "\(taken)")
            #expect(taken + dropped == 80)
            _ = try await server.get("/api/v1/predictions?limit=1")
            try await wait(for: #"martlet_prediction_log_backlog_bytes{waiting_for="store"}"#, "0.0")
            try await wait(for: #"martlet_prediction_log_backlog_bytes{waiting_for="observers"}"#, "0.0")
        }
    }

    @Test func forgetsAVersionThatWasReplaced() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let ask = {
                _ = try await server.post("/endpoints/booster/invocations", json: ["dataframe_split": known.split])
            }
            try await ask()
            let version = try await fixture.register("booster", as: "booster")
            try await fixture.move("champion", of: "booster", to: version)
            try await fixture.wait(for: "booster") { $0.variants.first?.version == version }
            try await ask()
            let text = try await server.get("/metrics").text
            #expect(text.contains("version=\"2\""))
            #expect(!text.contains("version=\"1\""))
            try await fixture.manifests.delete(kind: EndpointManifest.kind.name, name: "booster", by: "ann")
            #expect(try await !server.get("/metrics").text.contains("booster"))
        }
    }

    @Test func answersTheProtocolsStatisticsAndIndex() async throws {
        try await ServingFixture.serving("booster", "matrix") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 3)
            _ = try await server.post("/endpoints/booster/invocations", json: ["dataframe_split": known.split])
            for path in ["/v2/models/booster/stats", "/v2/models/booster/versions/1/stats"] {
                let all = try await server.get(path).json["model_stats"]?.arrayValue
                #expect(all?.count == 1)
                #expect(all?.first?["name"] == "booster")
                #expect(all?.first?["version"] == "1")
                #expect(all?.first?["inference_count"] == 3)
                #expect(all?.first?["execution_count"] == 1)
                #expect(all?.first?["inference_stats"]?["success"]?["count"] == 1)
                #expect(all?.first?["inference_stats"]?["compute_infer"]?["ns"]?.integerValue ?? 0 > 0)
            }
            #expect(try await server.get("/v2/models/stats").json["model_stats"]?.arrayValue?.count == 2)
            #expect(try await server.get("/v2/models/other/stats").status == 404)

            try await fixture.apply("broken", model: "models:/nobody/1")
            try await fixture.wait(for: "broken") { $0.state == .failed }
            let index = try await server.send(.POST, "/v2/repository/index").json.arrayValue
            #expect(index?.map { $0["name"] } == ["booster", "broken", "matrix"])
            #expect(index?.map { $0["state"] } == ["READY", "UNAVAILABLE", "READY"])
            #expect(index?[1]["reason"]?.stringValue?.contains("nobody") == true)
            let ready = try await server.post("/v2/repository/index", json: ["ready": true]).json.arrayValue
            #expect(ready?.map { $0["name"] } == ["booster", "matrix"])
            for (verb, words) in [("load", "martlet apply"), ("unload", "martlet endpoints delete booster")] {
                let answer = try await server.send(.POST, "/v2/repository/models/booster/\(verb)", body: "{}")
                #expect(answer.status == 400)
                #expect(try answer.json["error"]?.stringValue?.contains(words) == true, "\(answer.text)")
            }
            #expect(try await server.get("/ping").status == 200)
        }
    }
}
