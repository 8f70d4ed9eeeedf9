import NIOHTTP1
import TestSupport
import Testing
import Traces
import Tracking
import Wire

/// The pages of traces as a browser gets them.
@Suite(.everyEngine) struct TracePageTests {
    private static let browser: HTTPHeaders = ["Accept": "text/html"]
    private static let hostile = "<script>alert('\"1\"')</script>"
    /// When the trace began, in nanoseconds.
    private static let start: Int64 = 1_700_000_000_000_000_000

    /// A span of the trace `tr-0…01`.
    /// - Parameter times: its start and its end in milliseconds after that of the trace; it has not ended when they are the
    ///   same.
    private static func span(
        _ id: Int, in parent: Int? = nil, _ name: String, _ times: ClosedRange<Int64>,
        _ attributes: [(String, JSON)] = [],
        error: String? = nil
    ) -> JSON {
        func hex(_ number: Int) -> JSON { .string("a" + String(repeating: "0", count: 14) + String(number)) }
        let end = times.lowerBound == times.upperBound ? 0 : start + times.upperBound * 1_000_000
        return .compact([
            "trace_id": "00000000000000000000000000000001", "span_id": hex(id), "parent_span_id": parent.map(hex),
            "name": .string(name), "start_time_unix_nano": .integer(start + times.lowerBound * 1_000_000),
            "end_time_unix_nano": .integer(end),
            "attributes": .array(attributes.map { ["key": .string($0), "value": $1] }),
            "status": error.map { ["code": "STATUS_CODE_ERROR", "message": .string($0)] },
            "events": error.map { _ in
                [
                    [
                        "name": "exception", "time_unix_nano": .integer(start + 300_000_000),
                        "attributes": [["key": "exception.type", "value": ["string_value": "KeyError"]]],
                    ]
                ]
            },
        ])
    }

    /// A trace of four spans: a root that calls two steps, of which the second fails within a third that never ends.
    private static func serve(_ body: (TraceFixture, LiveServer) async throws -> Void) async throws {
        let spans: [JSON] = [
            span(3, in: 1, "rank", 600...1400, error: "no \(hostile) rank"),
            span(
                1, "answer", 0...2000,
                [
                    ("mlflow.spanInputs", ["string_value": .string("What is \(hostile)?")]),
                    ("mlflow.spanType", ["string_value": "CHAIN"]),
                    ("mlflow.traceTag.mlflow.traceName", ["string_value": .string("answer \(hostile)")]),
                ]),
            span(
                2, in: 1, "fetch \(hostile)", 100...350,
                [("<b>key</b>", ["string_value": .string(hostile)]), ("top_k", ["int_value": 3])]),
            span(4, in: 3, "compare", 700...700),
        ]
        try await TraceFixture.serve { fixture, server in
            let export: JSON = ["resource_spans": [["scope_spans": [["spans": .array(spans)]]]]]
            let answer = try await server.export(Array(export.text.utf8), type: "application/json")
            #expect(answer.status == 200, "\(answer.text)")
            try await body(fixture, server)
        }
    }

    private static let id = "tr-00000000000000000000000000000001"

    @Test func showsEachSpanBelowItsCallerWithHowLongItTookAndHowItWent() async throws {
        try await Self.serve { _, server in
            let page = try await server.get("/traces/\(Self.id)", headers: Self.browser)
            #expect(page.status == 200)
            #expect(page.header("Content-Type")?.hasPrefix("text/html") == true)
            let items = page.text.split(separator: "<li>").map(String.init)
                .filter { $0.contains("<summary>") }
            try #require(items.count == 4)
            let wanted: [(indent: Int, name: String, took: String)] = [
                (0, "answer", "2 s"), (1, "fetch", "250 ms"), (1, "rank", "800 ms"), (2, "compare", "not ended"),
            ]
            for (item, wanted) in zip(items, wanted) {
                let indent = String(repeating: "\u{2003}", count: wanted.indent)
                #expect(item.contains("<span>\(indent)\(wanted.name)"), "\(item)")
                #expect(item.contains("<span>\(wanted.took)</span>"), "\(item)")
            }
            // The bars lie where the spans lie in the two seconds; the one that failed says so, and why.
            #expect(items[0].contains("<rect x=\"0.0\" y=\"0\" width=\"1000.0\""), "\(items[0])")
            #expect(items[1].contains("<rect x=\"50.0\" y=\"0\" width=\"125.0\""), "\(items[1])")
            #expect(items[0].contains(">CHAIN<") && items[0].contains("class=\"plain\""))
            #expect(items[2].contains("class=\"bad\"") && items[2].contains("no &lt;script&gt;"))
            #expect(items[2].contains("exception") && items[2].contains("KeyError"))
            #expect(items[1].contains("top_k") && items[1].contains(">3<"))
        }
    }

    @Test func escapesWhatTracedCodeNames() async throws {
        try await Self.serve { fixture, server in
            try await fixture.traces.set(Tag(key: "mood", value: Self.hostile), of: Self.id)
            let judged = try await server.mlflow3(
                .POST, "traces/\(Self.id)/assessments",
                [
                    "assessment": [
                        "assessment_name": .string(Self.hostile), "rationale": .string(Self.hostile),
                        "feedback": ["value": .string(Self.hostile)], "source": ["source_id": .string(Self.hostile)],
                    ]
                ])
            #expect(judged.status == 200)
            for path in ["/traces/\(Self.id)", "/experiments/0/traces"] {
                let page = try await server.get(path, headers: Self.browser).text
                #expect(!page.contains("<script>alert"), "\(path)")
                #expect(!page.contains("<b>key</b>"), "\(path)")
                #expect(page.contains("answer &lt;script&gt;"), "\(path)")
            }
        }
    }

    @Test func listsTracesByAFilterAndSaysWhatIsWrongWithOne() async throws {
        try await Self.serve { _, server in
            let all = try await server.get("/experiments/0/traces", headers: Self.browser).text
            #expect(all.contains("href=\"/traces/\(Self.id)\"") && all.contains(">ok<"))
            let none = try await server.get(
                "/experiments/0/traces?filter=span.name%20%3D%20%27x%27", headers: Self.browser)
            #expect(none.text.contains("No trace fits the filter."))
            let wrong = try await server.get(
                "/experiments/0/traces?filter=colour%20%3D%20%27red%27", headers: Self.browser)
            #expect(wrong.status == 200)
            #expect(wrong.text.contains("Invalid attribute key &#39;colour&#39;"), "\(wrong.text)")
        }
    }

    @Test func whatIsNotThereIs404() async throws {
        try await TraceFixture.serve { _, server in
            for path in ["/traces/tr-none", "/traces/%3Cscript%3E", "/experiments/77/traces"] {
                let answer = try await server.get(path, headers: Self.browser)
                #expect(answer.status == 404, "\(path)")
                #expect(!answer.text.contains("<script>"), "\(path)")
            }
        }
    }
}
