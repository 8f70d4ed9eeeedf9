import Database
import Events
import NIOHTTP1
import TestSupport
import Testing
import Traces
import Tracking
import Wire

/// The REST API of traces where the Python client does not reach.
@Suite(.everyEngine) struct TraceRoutesTests {
    @Test(arguments: [("export.pb", nil), ("export.pb.gz", "gzip")] as [(String, String?)])
    func givesBackEverySpanThatAnExporterSent(file: String, coding: String?) async throws {
        try await TraceFixture.serve { _, server in
            let answer = try await server.export(TraceFixture.bytes(file), coding: coding)
            #expect((answer.status, answer.text) == (200, ""))
            #expect(answer.header("Content-Type") == "application/x-protobuf")
            let trace = try await server.mlflow3("traces/get?trace_id=\(TraceFixture.traceID)").json["trace"]
            let spans = try #require(trace?["spans"]?.arrayValue)
            let sent = try #require(try TraceFixture.json("answer.json").arrayValue)
            #expect(spans.map { $0["span_id"] } == sent.map { $0["span_id"] })
            #expect(spans.map { $0["events"].map(\.integersAsText) } == sent.map { $0["events"].map(\.integersAsText) })
            #expect(spans.map { $0["links"] } == sent.map { $0["links"] })
            #expect(spans.map { $0["status"] } == sent.map { $0["status"] })
            // The one attribute that is added says which trace it is.
            let attributes = try #require(spans[0]["attributes"]?.arrayValue)
            #expect(
                attributes.dropLast().map(\.integersAsText) == sent[0]["attributes"]?.arrayValue?.map(\.integersAsText))
            #expect(attributes.last?["value"] == ["string_value": .string(TraceFixture.traceID)])
        }
    }

    @Test func spansTellWhatTheirClientDoesNot() async throws {
        try await TraceFixture.serve { _, server in
            _ = try await server.export(
                TraceFixture.bytes("export.json"), type: "application/json",
                headers: ["x-mlflow-experiment-id": "0"])
            let info = try await server.mlflow3("traces/\(TraceFixture.traceID)").json["trace"]?["trace_info"]
            #expect(info?["state"] == "ERROR")
            #expect(info?["request_time"] == "2023-11-14T22:13:20.123Z")
            #expect(info?["execution_duration"] == "1.877s")
            #expect(info?["request_preview"] == #"{"cart":[1,2]}"#)
            #expect(info?["response_preview"] == "declined")
            #expect(info?["trace_location"]?["mlflow_experiment"]?["experiment_id"] == "0")
            #expect(
                info?["tags"] == [
                    "mlflow.artifactLocation": .string("mlflow-artifacts:/0/traces/\(TraceFixture.traceID)/artifacts"),
                    "mlflow.trace.spansLocation": "TRACKING_STORE", "mood": "bad", "pid": "7", "service.name": "shop",
                ])
            #expect(info?["trace_metadata"] == ["mlflow.trace.session": "s1", "mlflow.trace.user": "ann"])
        }
    }

    @Test(arguments: [true, false])
    func whatTheClientSaysCountsWhicheverComesFirst(spansFirst: Bool) async throws {
        try await TraceFixture.serve { _, server in
            let info: JSON = [
                "trace_id": .string(TraceFixture.traceID), "state": "OK", "request_time": "2023-11-14T22:13:00Z",
                "trace_location": ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": "0"]],
                "execution_duration": "9.5s", "request_preview": "said", "tags": ["mood": "calm", "a": "b"],
                "trace_metadata": ["mlflow.trace.sizeStats": #"{"num_spans": 2}"#],
                "assessments": [["assessment_name": "q", "feedback": ["value": 1]]],
            ]
            let export = { try await server.export(TraceFixture.bytes("export.pb")).status }
            if spansFirst { #expect(try await export() == 200) }
            let answer = try await server.mlflow3(.POST, "traces", ["trace": ["trace_info": info]])
            #expect(answer.status == 200)
            if !spansFirst {
                let unfinished = try await server.mlflow3("traces/get?trace_id=\(TraceFixture.traceID)")
                #expect(unfinished.verdict == "404 RESOURCE_DOES_NOT_EXIST")
                #expect(unfinished.message.contains("not fully exported yet"))
                let partial = try await server.mlflow3(
                    "traces/get?trace_id=\(TraceFixture.traceID)&allow_partial=True")
                #expect(partial.status == 200)
                #expect(try await export() == 200)
            }
            let stored = try await server.mlflow3("traces/\(TraceFixture.traceID)").json["trace"]?["trace_info"]
            #expect(stored?["state"] == "OK")
            #expect(stored?["request_time"] == "2023-11-14T22:13:00.000Z")
            #expect(stored?["execution_duration"] == "9.500s")
            #expect(stored?["request_preview"] == "said")
            #expect(stored?["response_preview"] == "declined")
            #expect(stored?["tags"]?["a"] == "b")
            #expect(stored?["assessments"]?.arrayValue?.count == 1)
            #expect(try await server.mlflow3("traces/get?trace_id=\(TraceFixture.traceID)").status == 200)
        }
    }

    @Test func keepsNothingOfAnExportThatItRefuses() async throws {
        try await TraceFixture.serve { fixture, server in
            let good = try TraceFixture.bytes("export.pb")
            #expect(try await server.export(good, headers: [:]).status == 422)
            #expect(try await server.export(good, headers: ["x-mlflow-experiment-id": "x"]).status == 400)
            #expect(try await server.export(good, headers: ["x-mlflow-experiment-id": "77"]).status == 404)
            #expect(try await server.export(good, type: "text/plain").status == 400)
            #expect(try await server.export(good, coding: "br").status == 400)
            #expect(try await server.export(good, coding: "gzip").status == 400)
            #expect(try await server.export(good.dropLast(3)).verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(try await server.export([]).status == 400)
            let run = ["x-mlflow-experiment-id": "0", "x-mlflow-run-id": "none"] as HTTPHeaders
            #expect(try await server.export(good, headers: run).status == 404)
            let gone = try await fixture.experiments.create(name: "gone", by: "ann")
            try await fixture.experiments.delete(gone, by: "ann")
            #expect(try await server.export(good, headers: ["x-mlflow-experiment-id": gone.text]).status == 400)
            #expect(try await server.mlflow3("traces/\(TraceFixture.traceID)").status == 404)
        }
    }

    @Test func anExportThatIsSentAgainChangesNothing() async throws {
        try await TraceFixture.serve { fixture, server in
            let run = try await fixture.runs.create(
                NewRun(experimentID: .first, userID: "ann", startTime: Timestamp(milliseconds: 0), name: "r", tags: []),
                by: "ann")
            let headers = ["x-mlflow-experiment-id": "0", "x-mlflow-run-id": run.info.id] as HTTPHeaders
            let path = "traces/get?trace_id=\(TraceFixture.traceID)"
            #expect(try await server.export(TraceFixture.bytes("export.pb"), headers: headers).status == 200)
            let first = try await server.mlflow3(path).json
            #expect(try await server.export(TraceFixture.bytes("export.pb"), headers: headers).status == 200)
            #expect(try await server.mlflow3(path).json == first)
            let body: JSON = [
                "locations": [["mlflow_experiment": ["experiment_id": "0"]]],
                "filter": .string("run_id = '\(run.info.id)'"),
            ]
            #expect(try await server.mlflow3(.POST, "traces/search", body).json["traces"]?.arrayValue?.count == 1)
        }
    }

    @Test func answersManyAtOnceAndSkipsThoseItDoesNotKnow() async throws {
        try await TraceFixture.serve { _, server in
            _ = try await server.export(TraceFixture.bytes("export.pb"))
            let id = TraceFixture.traceID
            let batch = try await server.mlflow3("traces/batchGet?trace_ids=tr-none&trace_ids=\(id)&trace_ids=\(id)")
                .json
            #expect(batch["traces"]?.arrayValue?.map { $0["trace_info"]?["trace_id"] } == [.string(id)])
            let ids: JSON = [.string(id), "tr-none"]
            let infos = try await server.mlflow3(.POST, "traces/batchGetInfos", ["trace_ids": ids]).json
            #expect(infos["trace_infos"]?.arrayValue?.count == 1)
            let elsewhere: JSON = ["trace_ids": ids, "experiment_ids": ["5"]]
            #expect(try await server.mlflow3(.POST, "traces/batchGetInfos", elsewhere).json == [:])
            #expect(try await server.mlflow3("traces/batchGet").status == 400)
        }
    }

    @Test func speaksTheOlderVersion() async throws {
        try await TraceFixture.serve { _, server in
            let begun = try await server.mlflow(
                "traces",
                [
                    "experiment_id": "0", "timestamp_ms": 1000, "request_metadata": [["key": "a", "value": "b"]],
                    "tags": [["key": "mlflow.traceName", "value": "old"]],
                ])["trace_info"]
            let id = try #require(begun?["request_id"]?.stringValue)
            #expect(begun?["status"] == "IN_PROGRESS")
            let ended = try await server.mlflow(
                .PATCH, "traces/\(id)", ["timestamp_ms": 1250, "status": "OK", "tags": [["key": "c", "value": "d"]]])
            #expect(try ended.json["trace_info"]?["execution_time_ms"] == 250)
            let info = try await server.mlflow(get: "traces/\(id)/info").json["trace_info"]
            #expect(info?["request_metadata"] == [["key": "a", "value": "b"]])
            #expect(info?["status"] == "OK")
            let found = try await server.mlflow(get: "traces?experiment_ids=0&filter=tags.c%20%3D%20%27d%27").json
            #expect(found["traces"]?.arrayValue?.map { $0["request_id"] } == [.string(id)])
            #expect(try await server.mlflow(.PATCH, "traces/none", ["status": "OK"]).status == 404)
        }
    }

    @Test func refusesToDeleteWithoutASelection() async throws {
        try await TraceFixture.serve { fixture, server in
            _ = try await server.export(TraceFixture.bytes("export.pb"))
            for selection: JSON in [
                ["experiment_id": "0"], ["experiment_id": "0", "max_traces": 1],
                ["experiment_id": "0", "max_timestamp_millis": 1, "request_ids": ["a"]],
                ["experiment_id": "0", "max_timestamp_millis": 1, "max_traces": 0],
                ["experiment_id": "0", "max_traces": 1, "request_ids": ["a"]],
            ] {
                let answer = try await server.mlflow3(.POST, "traces/delete-traces", selection)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(selection.text)")
            }
            let all: JSON = ["experiment_id": "0", "max_timestamp_millis": 9_999_999_999_999]
            #expect(try await server.mlflow3(.POST, "traces/delete-traces", all).json == ["traces_deleted": 1])
            #expect(try await fixture.events.events(after: 0, limit: 10).map(\.kind) == ["traces.deleted"])
            let left = try await fixture.database.read { reader in
                try ["spans", "span_attributes", "trace_tags", "trace_metadata"].map { table in
                    try reader.value("SELECT COUNT(*) FROM \(SQL(stringLiteral: table))", as: Int.self)
                }
            }
            #expect(left == [0, 0, 0, 0])
        }
    }
}
