import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Wire

@testable import Traces

/// Searches where the Python client's journey does not reach.
@Suite(.everyEngine) struct TraceSearchTests {
    /// Five traces, `tr-1` to `tr-5`: 1, 2 and 3 are of the session s1, 4 of s2, 5 of none; 1 is of run r1. Each has the name
    /// of its number but the fifth, which has none.
    private static func serve(_ body: (TraceFixture, LiveServer) async throws -> Void) async throws {
        try await TraceFixture.serve { fixture, server in
            for number in 1...5 {
                let session: [(String, JSON)] =
                    number < 5 ? [(TraceInfo.sessionKey, .string(number < 4 ? "s1" : "s2"))] : []
                let run: [(String, JSON)] = number == 1 ? [(TraceInfo.runKey, .string("r1"))] : []
                let info: JSON = [
                    "trace_id": .string("tr-\(number)"), "request_time": .string("2023-11-14T22:13:0\(number)Z"),
                    "trace_location": ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": "0"]],
                    "state": "OK", "trace_metadata": .members(session + run),
                    "tags": number < 5 ? [TraceInfo.nameKey: .string("n\(number)")] : [:],
                ]
                #expect(try await server.mlflow3(.POST, "traces", ["trace": ["trace_info": info]]).status == 200)
            }
            try await body(fixture, server)
        }
    }

    /// The numbers of the traces that a filter finds, in ascending order; what is wrong with it otherwise.
    private func found(_ filter: String, _ server: LiveServer) async throws -> String {
        let body: JSON = [
            "locations": [["mlflow_experiment": ["experiment_id": "0"]]], "filter": .string(filter),
            "order_by": ["timestamp ASC"],
        ]
        let answer = try await server.mlflow3(.POST, "traces/search", body)
        guard answer.status == 200 else { return answer.verdict }
        return try (answer.json["traces"]?.arrayValue ?? []).compactMap { $0["trace_id"]?.stringValue?.last }
            .map(String.init).joined()
    }

    private func assess(_ trace: Int, _ value: JSON, ofSession: Bool = false, _ server: LiveServer) async throws {
        let assessment: JSON = [
            "assessment_name": "good", "feedback": ["value": value],
            "metadata": ofSession ? [TraceInfo.sessionKey: "s1"] : [:],
        ]
        let answer = try await server.mlflow3(.POST, "traces/tr-\(trace)/assessments", ["assessment": assessment])
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func whatIsHeldOfAConversationIsHeldOfEachOfItsTraces() async throws {
        try await Self.serve { _, server in
            try await assess(2, "yes", ofSession: true, server)
            try await assess(4, 0.5, server)
            #expect(try await found("feedback.good = 'yes'", server) == "123")
            #expect(try await found("feedback.good IS NOT NULL", server) == "1234")
            #expect(try await found("feedback.good IS NULL", server) == "5")
            #expect(try await found("feedback.good > 0.4", server) == "4")
            #expect(try await found("feedback.good = 'yes' AND name = 'n3'", server) == "3")
            #expect(try await found("NOT feedback.good = 'yes'", server) == "45")
            #expect(try await found("expectation.good = 'yes'", server) == "")
        }
    }

    @Test(arguments: [
        ("feedback.good = 5", "2"), ("feedback.good = 5.0", "2"), ("feedback.good != 5", "13"),
        ("feedback.good BETWEEN 4 AND 6", "2"), ("feedback.good = '5'", "23"), ("feedback.good = 'true'", "1"),
        ("feedback.good >= 'x'", "400 INVALID_PARAMETER_VALUE"),
    ])
    func comparesJudgementsAsTextOrAsNumbers(filter: String, wanted: String) async throws {
        try await Self.serve { _, server in
            for (index, value) in ([true, 5, "5"] as [JSON]).enumerated() { try await assess(index + 1, value, server) }
            #expect(try await found(filter, server) == wanted)
        }
    }

    @Test(arguments: [
        ("name RLIKE '^n[1-3]$'", "123"), ("name RLIKE '(?i)N(4|\\d{2})'", "4"), ("name RLIKE '\\bn[^1\\W]'", "234"),
        ("metadata.mlflow.trace.session rlike '2'", "4"), ("name RLIKE '(n'", "400 INVALID_PARAMETER_VALUE"),
        ("NOT name RLIKE 'n+'", "5"), ("request_id RLIKE '-\\S?\\D*[45]\\Z'", "45"), ("name RLIKE ''", "1234"),
        ("name RLIKE '(a|)(n|x*)*$'", "1234"), ("name RLIKE 'ä.\\U'", "400 INVALID_PARAMETER_VALUE"),
        ("name IS NULL", "5"), ("name IS NOT NULL AND run_id IS NULL", "234"), ("run_id = 'r1'", "1"),
        ("run_id != 'r1'", ""), ("trace.name IN ('n2', 'n4')", "24"), ("name = 'n1' OR name = 'n2'", "12"),
        ("metadata.`mlflow.trace.session` = 's1'", "123"), ("metadata.mlflow.trace.session IS NULL", "5"),
        ("prompt = 'greeting/1'", "3"), ("prompt = 'greeting'", "400 INVALID_PARAMETER_VALUE"),
        ("prompt = 'a/b/c'", "400 INVALID_PARAMETER_VALUE"), ("issue.id = 'x'", ""),
    ])
    func findsByWhatTracesAreKnownBy(filter: String, wanted: String) async throws {
        try await Self.serve { fixture, server in
            try await fixture.traces.link(prompts: ["greeting/1"], to: "tr-3")
            #expect(try await found(filter, server) == wanted)
        }
    }

    @Test func sumsUpWhatSpansUsedUntilTheClientSaysIt() async throws {
        try await TraceFixture.serve { _, server in
            let trace = "tr-" + String(repeating: "0", count: 31) + "1"
            func usage() async throws -> JSON? {
                try await server.mlflow3("traces/\(trace)").json["trace"]?["trace_info"]?["trace_metadata"]?[
                    "mlflow.trace.tokenUsage"]
            }
            func send(_ id: String, in parent: String?, _ tokens: Int64) async throws {
                let span: JSON = .compact([
                    "trace_id": .string(String(trace.dropFirst(3))), "span_id": .string(id), "name": "call",
                    "parent_span_id": parent.map(JSON.string), "start_time_unix_nano": 1,
                    "attributes": [
                        ["key": "gen_ai.usage.input_tokens", "value": ["int_value": .integer(tokens)]],
                        ["key": "gen_ai.usage.output_tokens", "value": ["int_value": 1]],
                    ],
                ])
                let export: JSON = ["resource_spans": [["scope_spans": [["spans": [span]]]]]]
                let answer = try await server.export(Array(export.text.utf8), type: "application/json")
                #expect(answer.status == 200, "\(answer.text)")
            }
            try await send("00000000000000b2", in: "00000000000000a1", 10)
            try await send("00000000000000c3", in: "00000000000000a1", 20)
            #expect(try await usage() == #"{"input_tokens": 30, "output_tokens": 2, "total_tokens": 32}"#)
            // Their caller sums up what it knows of; sent again, it counts once.
            for _ in 0..<2 { try await send("00000000000000a1", in: nil, 31) }
            #expect(try await usage() == #"{"input_tokens": 31, "output_tokens": 1, "total_tokens": 32}"#)
            let info: JSON = [
                "trace_id": .string(trace), "state": "OK",
                "trace_location": ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": "0"]],
                "trace_metadata": ["mlflow.trace.tokenUsage": #"{"input_tokens": 7}"#],
            ]
            #expect(try await server.mlflow3(.POST, "traces", ["trace": ["trace_info": info]]).status == 200)
            try await send("00000000000000d4", in: nil, 1000)
            #expect(try await usage() == #"{"input_tokens": 7}"#)
        }
    }
}
