import NIOHTTP1
import TestSupport
import Testing
import Wire

/// A trace of three spans, sent over OpenTelemetry's protocol.
struct TraceSeed {
    let client: LiveServer

    static let id = "0102030405060708090a0b0c0d0e0f10"

    func sow(into places: inout SeededServer.Places) async throws {
        let start = (WallClock.system.now.milliseconds - 60_000) * 1_000_000
        let names = ["checkout <b>☂</b>", "استرجاع", "answer 🤖"]
        let spans = names.enumerated().map { number, name -> JSON in
            let begin = start + Int64(number) * 40_000_000
            return .compact([
                "traceId": .string(Self.id), "spanId": .string("a1a2a3a4a5a6a7a\(number)"), "name": .string(name),
                "parentSpanId": number == 0 ? nil : "a1a2a3a4a5a6a7a0", "kind": 1,
                "startTimeUnixNano": .string("\(begin)"),
                "endTimeUnixNano": .string("\(number == 0 ? begin + 200_000_000 : begin + 35_000_000)"),
                "attributes": [["key": "mlflow.spanType", "value": ["stringValue": "\"CHAIN\""]]],
                "status": ["code": number == 2 ? 2 : 1],
            ])
        }
        let export: JSON = ["resourceSpans": [["scopeSpans": [["spans": .array(spans)]]]]]
        let answer = try await client.post(
            "/v1/traces", json: export, headers: ["x-mlflow-experiment-id": places.experiment])
        try #require(answer.status == 200, "\(answer.text)")
        places.trace = "tr-\(Self.id)"
    }
}
