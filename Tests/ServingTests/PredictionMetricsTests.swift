import Manifests
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct PredictionMetricsTests {
    @Test func countsRequestsRowsAndWhatTheySpendTheirTimeOn() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 3)
            for _ in 0..<2 {
                _ = try await server.post("/endpoints/booster/invocations", json: ["dataframe_split": known.split])
            }
            _ = try await server.post("/endpoints/booster/invocations", json: ["rows": 1])
            let answer = try await server.get("/metrics")
            #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            let lines = Set(answer.text.split(separator: "\n").map(String.init))
            let of = #"endpoint="booster",variant="main",version="1""#
            for line in [
                "martlet_prediction_requests_total{\(of),status=\"200\"} 2",
                #"martlet_prediction_requests_total{endpoint="booster",variant="",version="",status="400"} 1"#,
                "martlet_prediction_rows_total{\(of)} 6", "martlet_prediction_duration_seconds_count{\(of)} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"decode\"} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"predict\"} 2",
                "martlet_prediction_stage_duration_seconds_count{\(of),stage=\"encode\"} 2",
                #"martlet_prediction_requests_in_flight{endpoint="booster"} 0.0"#,
            ] {
                #expect(lines.contains(line), "\(line)\n\(answer.text)")
            }
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
