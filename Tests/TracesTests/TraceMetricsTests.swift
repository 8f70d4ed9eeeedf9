import Database
import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Wire

@testable import Traces

/// Numbers over many traces, over HTTP.
@Suite(.everyEngine) struct TraceMetricsTests {
    /// The day on which the traces of the fixture begin, in milliseconds.
    private static let day: Int64 = 1_699_920_000_000
    private static let hour: Int64 = 3_600_000

    /// Traces 1 to 5, one an hour; trace n takes n × 100 ms and has two spans: a root and, below it, a call of a model that
    /// takes half the time and uses 10n + n tokens. Odd ones are of the session s1, the fifth failed, and the first four
    /// are judged.
    private static func serve(_ body: (LiveServer) async throws -> Void) async throws {
        try await TraceFixture.serve { _, server in
            for number in 1...5 {
                let export: JSON = ["resource_spans": [["scope_spans": [["spans": .array(spans(number))]]]]]
                let answer = try await server.export(Array(export.text.utf8), type: "application/json")
                #expect(answer.status == 200, "\(answer.text)")
            }
            let verdicts: [JSON] = ["yes", "no", true, 0.25]
            for (index, verdict) in verdicts.enumerated() {
                let assessment: JSON = ["assessment_name": "good", "feedback": ["value": verdict]]
                let path = "traces/\(id(index + 1))/assessments"
                #expect(try await server.mlflow3(.POST, path, ["assessment": assessment]).status == 200)
            }
            try await body(server)
        }
    }

    private static func hex(_ number: Int) -> String { String(repeating: "0", count: 31) + String(number) }
    private static func id(_ number: Int) -> String { "tr-\(hex(number))" }

    private static func spans(_ number: Int) -> [JSON] {
        let start = (day + Int64(number) * hour) * 1_000_000
        let took = Int64(number) * 100_000_000
        func attribute(_ key: String, _ value: JSON) -> JSON { ["key": .string(key), "value": value] }
        var attributes = [
            attribute("mlflow.traceTag.mlflow.traceName", ["string_value": number < 4 ? "answer" : "rank"])
        ]
        if number.isMultiple(of: 2) == false { attributes.append(attribute("session.id", ["string_value": "s1"])) }
        let tokens: JSON = ["input_tokens": .integer(Int64(10 * number)), "output_tokens": .integer(Int64(number))]
        let cost: JSON = [
            "input_cost": 0.5, "output_cost": .double(Double(number)), "total_cost": .double(Double(number) + 0.5),
        ]
        return [
            [
                "trace_id": .string(hex(number)), "span_id": "00000000000000a1", "name": "root",
                "start_time_unix_nano": .integer(start), "end_time_unix_nano": .integer(start + took),
                "attributes": .array(attributes),
                "status": ["code": number == 5 ? "STATUS_CODE_ERROR" : "STATUS_CODE_OK"],
            ],
            [
                "trace_id": .string(hex(number)), "span_id": "00000000000000b2", "parent_span_id": "00000000000000a1",
                "name": "call", "start_time_unix_nano": .integer(start),
                "end_time_unix_nano": .integer(start + took / 2),
                "attributes": [
                    attribute("mlflow.chat.tokenUsage", ["string_value": .string(tokens.text)]),
                    attribute("mlflow.llm.cost", SpanValue(plain: cost).json),
                    attribute("gen_ai.request.model", ["string_value": number < 3 ? "small" : "large"]),
                    attribute("mlflow.spanType", ["string_value": "LLM"]),
                ],
            ],
        ]
    }

    /// The points of a metric, each as `dimensions -> values`.
    private func points(
        _ server: LiveServer, _ view: String, _ name: String, _ aggregations: [JSON], _ more: JSON = [:]
    ) async throws -> [String] {
        let question: [(String, JSON)] = [
            ("experiment_ids", ["0"]), ("view_type", .string(view)), ("metric_name", .string(name)),
            ("aggregations", .array(aggregations)),
        ]
        let body = JSON.members(question + (more.memberList ?? []).map { ($0.key, $0.value) })
        let answer = try await server.mlflow3(.POST, "traces/metrics", body)
        guard answer.status == 200 else { return ["\(answer.verdict): \(answer.message)"] }
        return try (answer.json["data_points"]?.arrayValue ?? []).map { point in
            #expect(point["metric_name"] == .string(name))
            let dimensions = (point["dimensions"]?.memberList ?? []).map { $0.value.stringValue ?? "" }
            return "\(dimensions.joined(separator: " ")) -> \(point["values"]?.text ?? "")"
        }
    }

    private static let count: JSON = ["aggregation_type": "COUNT"]
    private static func aggregation(_ name: String, _ percentile: Double? = nil) -> JSON {
        .compact(["aggregation_type": .string(name), "percentile_value": percentile.map(JSON.double)])
    }

    @Test func countsTraces() async throws {
        try await Self.serve { server in
            #expect(try await points(server, "TRACES", "trace_count", [Self.count]) == [#" -> {"COUNT":5.0}"#])
            let named = try await points(
                server, "TRACES", "trace_count", [Self.count], ["dimensions": ["trace_name", "trace_status"]])
            #expect(
                named == [
                    #"answer OK -> {"COUNT":3.0}"#, #"rank ERROR -> {"COUNT":1.0}"#, #"rank OK -> {"COUNT":1.0}"#,
                ])
            #expect(try await points(server, "TRACES", "session_count", [Self.count]) == [#" -> {"COUNT":1.0}"#])
            let times: JSON = [
                "time_interval_seconds": 7200, "start_time_ms": .integer(Self.day + Self.hour),
                "end_time_ms": .integer(Self.day + 4 * Self.hour),
            ]
            #expect(
                try await points(server, "TRACES", "trace_count", [Self.count], times) == [
                    #"2023-11-14T00:00:00+00:00 -> {"COUNT":1.0}"#, #"2023-11-14T02:00:00+00:00 -> {"COUNT":2.0}"#,
                    #"2023-11-14T04:00:00+00:00 -> {"COUNT":1.0}"#,
                ])
        }
    }

    @Test func measuresTracesWithPercentilesBetweenValues() async throws {
        try await Self.serve { server in
            let all = ["AVG", "MIN", "MAX"].map { Self.aggregation($0) }
            let latency = try await points(
                server, "TRACES", "latency",
                all + [Self.aggregation("PERCENTILE", 50), Self.aggregation("PERCENTILE", 87.5)])
            #expect(latency == [#" -> {"AVG":300.0,"MAX":500.0,"MIN":100.0,"P50.0":300.0,"P87.5":450.0}"#])
            let byName = try await points(
                server, "TRACES", "latency", [Self.aggregation("PERCENTILE", 25)], ["dimensions": ["trace_name"]])
            #expect(byName == [#"answer -> {"P25.0":150.0}"#, #"rank -> {"P25.0":425.0}"#])
            let tokens = try await points(
                server, "TRACES", "input_tokens", [Self.aggregation("SUM"), Self.aggregation("AVG")],
                ["dimensions": ["trace_name"]])
            #expect(tokens == [#"answer -> {"AVG":20.0,"SUM":60.0}"#, #"rank -> {"AVG":45.0,"SUM":90.0}"#])
            let cached = try await points(server, "TRACES", "cache_read_input_tokens", [Self.aggregation("SUM")])
            #expect(cached.isEmpty, "Nobody said any.")
        }
    }

    @Test func looksAtSpans() async throws {
        try await Self.serve { server in
            let types = try await points(
                server, "SPANS", "span_count", [Self.count], ["dimensions": ["span_type", "span_status"]])
            #expect(
                types == [
                    #"LLM UNSET -> {"COUNT":5.0}"#, #"UNKNOWN ERROR -> {"COUNT":1.0}"#, #"UNKNOWN OK -> {"COUNT":4.0}"#,
                ])
            let latency = try await points(
                server, "SPANS", "latency", [Self.aggregation("MAX")], ["dimensions": ["span_name"]])
            #expect(latency == [#"call -> {"MAX":250.0}"#, #"root -> {"MAX":500.0}"#])
            let cost = try await points(
                server, "SPANS", "total_cost", [Self.aggregation("SUM")], ["dimensions": ["span_model_name"]])
            #expect(cost == [#"large -> {"SUM":13.5}"#, #"small -> {"SUM":4.0}"#])
            let hours: JSON = [
                "time_interval_seconds": 86400, "start_time_ms": .integer(Self.day + 2 * Self.hour),
                "end_time_ms": .integer(Self.day + 3 * Self.hour), "filters": ["span.type = 'LLM'"],
            ]
            #expect(
                try await points(server, "SPANS", "output_cost", [Self.aggregation("SUM")], hours)
                    == [#"2023-11-14T00:00:00+00:00 -> {"SUM":5.0}"#])
        }
    }

    @Test func looksAtAssessments() async throws {
        try await Self.serve { server in
            let values = try await points(
                server, "ASSESSMENTS", "assessment_count", [Self.count],
                ["dimensions": ["assessment_name", "assessment_value"]])
            #expect(
                values == [
                    #"good "no" -> {"COUNT":1.0}"#, #"good "yes" -> {"COUNT":1.0}"#, #"good 0.25 -> {"COUNT":1.0}"#,
                    #"good true -> {"COUNT":1.0}"#,
                ])
            let mean = try await points(
                server, "ASSESSMENTS", "assessment_value", [Self.aggregation("AVG")],
                ["filters": ["assessment.name = 'good'", "trace.status = 'OK'"]])
            #expect(mean == [#" -> {"AVG":0.5625}"#])
            let path = "traces/\(Self.id(1))/assessments"
            let judged = try await server.mlflow3(
                .POST, path, ["assessment": ["assessment_name": "good", "feedback": ["value": "no"]]]
            ).json["assessment"]?["assessment_id"]
            let overriding: JSON = [
                "assessment_name": "good", "feedback": ["value": "yes"], "overrides": judged ?? .null,
            ]
            #expect(try await server.mlflow3(.POST, path, ["assessment": overriding]).status == 200)
            #expect(
                try await points(server, "ASSESSMENTS", "assessment_count", [Self.count]) == [#" -> {"COUNT":5.0}"#],
                "What was overridden does not count.")
        }
    }

    @Test(arguments: [
        ("trace.status = 'ERROR'", 1), ("trace.tag.mlflow.traceName = 'answer'", 3),
        ("trace.tag.`mlflow.traceName` = 'rank'", 2), ("trace.metadata.`mlflow.trace.session` = 's1'", 3),
        ("trace.metadata.`mlflow.sourceRun` = 'none'", 0),
        (#"trace.metadata.mlflow.trace.tokenUsage = '{"input_tokens": 10, "output_tokens": 1, "total_tokens": 0}'"#, 1),
    ])
    func isConfinedByFilters(filter: String, count: Int) async throws {
        try await Self.serve { server in
            let found = try await points(
                server, "TRACES", "trace_count", [Self.count], ["filters": [.string(filter)]])
            #expect(found == [" -> {\"COUNT\":\(count).0}"])
        }
    }

    @Test func givesPointsInPages() async throws {
        try await Self.serve { server in
            var question: JSON = [
                "experiment_ids": ["0"], "view_type": "SPANS", "metric_name": "span_count",
                "aggregations": [Self.count],
                "dimensions": ["span_name"], "max_results": 1,
            ]
            var names: [JSON?] = []
            while true {
                let answer = try await server.mlflow3(.POST, "traces/metrics", question).json
                names += answer["data_points"]?.arrayValue?.map { $0["dimensions"]?["span_name"] } ?? []
                guard let token = answer["next_page_token"] else { break }
                question = .members(
                    (question.memberList ?? []).filter { $0.key != "page_token" } + [("page_token", token)])
            }
            #expect(names == ["call", "root"])
        }
    }

    @Test func refusesWhatNoMetricIs() async throws {
        try await TraceFixture.serve { _, server in
            let good: [(String, JSON)] = [
                ("experiment_ids", ["0"]), ("view_type", "TRACES"), ("metric_name", "latency"),
                ("aggregations", [["aggregation_type": "AVG"]]),
            ]
            let wrong: [(String, JSON, String)] = [
                ("experiment_ids", [], "experiment_ids"), ("experiment_ids", ["x"], "experiment"),
                ("view_type", "RUNS", "view_type"), ("metric_name", "speed", "metric_name must be one of"),
                ("metric_name", "span_count", "metric_name must be one of"),
                ("aggregations", [], "aggregations"), ("aggregations", [Self.count], "Supported aggregation types"),
                ("aggregations", [["aggregation_type": "PERCENTILE"]], "Percentile value is required"),
                (
                    "aggregations", [["aggregation_type": "PERCENTILE", "percentile_value": 101]],
                    "between 0 and 100"
                ),
                ("aggregations", [["aggregation_type": "AVG", "percentile_value": 5]], "only allowed"),
                ("dimensions", ["trace_status"], "Supported dimensions: ['trace_name']"),
                ("filters", ["span.name = 'x'"], "only supported for SPANS"),
                ("filters", ["assessment.name = 'x'"], "only supported for ASSESSMENTS"),
                ("filters", ["trace.status != 'OK'"], "comparator"), ("filters", ["trace.colour = 'x'"], "colour"),
                ("filters", ["trace.status = 'OK' AND trace.status = 'OK'"], "one filter clause"),
                ("filters", ["trace.tag = 'x'"], "tag"), ("time_interval_seconds", 60, "start_time_ms"),
                ("time_interval_seconds", -1, "negative"), ("max_results", 0, "max_results"),
                ("page_token", "zip", ""),
            ]
            for (key, value, saying) in wrong {
                let body = JSON.members(good.filter { $0.0 != key } + [(key, value)])
                let answer = try await server.mlflow3(.POST, "traces/metrics", body)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(key) \(value.text)")
                #expect(answer.message.contains(saying), "\(answer.message)")
            }
            let far: [(String, JSON)] = [
                ("time_interval_seconds", .integer(.max)), ("start_time_ms", .integer(.min)),
                ("end_time_ms", .integer(.max)),
            ]
            for view in ["TRACES", "SPANS"] {
                let body = JSON.members(good.filter { $0.0 != "view_type" } + [("view_type", .string(view))] + far)
                #expect(try await server.mlflow3(.POST, "traces/metrics", body).json == [:])
            }
        }
    }

    @Test func correlatesFilters() async throws {
        try await Self.serve { server in
            func correlation(_ first: String, _ second: String, base: String? = nil) async throws -> JSON {
                try await server.mlflow3(
                    .POST, "traces/calculate-filter-correlation",
                    .compact([
                        "experiment_ids": ["0"], "filter_string1": .string(first), "filter_string2": .string(second),
                        "base_filter": base.map(JSON.string),
                    ])
                ).json
            }
            let found = try await correlation("name = 'answer'", "metadata.`mlflow.trace.session` = 's1'")
            #expect(found["filter1_count"] == 3 && found["filter2_count"] == 3)
            #expect(found["joint_count"] == 2 && found["total_count"] == 5)
            // log(2 · 5 / (3 · 3)) / -log(2 / 5)
            #expect(abs((found["npmi"]?.doubleValue ?? 0) - 0.1149859) < 1e-6)
            let within = try await correlation(
                "name = 'answer'", "status = 'OK'", base: "timestamp >= \(Self.day + 3 * Self.hour)")
            #expect(
                [within["filter1_count"], within["filter2_count"], within["joint_count"], within["total_count"]]
                    == [1, 2, 1, 3])
            let never = try await correlation("name = 'answer'", "name = 'nobody'")
            #expect(never["npmi"] == nil && never["filter2_count"] == 0)
            // A span condition of the base and one of the filter are about one span.
            let span = try await correlation("span.name = 'root'", "span.name = 'call'", base: "span.type = 'LLM'")
            #expect(span["filter1_count"] == 0 && span["filter2_count"] == 5 && span["total_count"] == 5)
            let missing = try await server.mlflow3(
                .POST, "traces/calculate-filter-correlation", ["experiment_ids": ["0"], "filter_string1": "name = 'a'"])
            #expect(missing.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }
}
