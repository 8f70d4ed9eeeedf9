import NIOHTTP1
import TestSupport
import Testing
import Wire

/// A monitor of predictions that were made elsewhere, whose rows changed: an alert, an incident, and a channel that nobody
/// listens at.
struct MonitoringSeed {
    let client: LiveServer

    static let monitor = "ward"
    static let channel = "on-call"
    /// What comes in: numbers, names, and a column called like markup.
    static let columns = ["age", "<b>ward</b>", "حرارة"]
    /// Minutes whose predictions are sent: long over, so that their windows close as they are counted.
    private static let minutes = 6
    private static let rowsInMinute = 60

    func sow(into places: inout SeededServer.Places) async throws {
        try await client.apply("Channel", Self.channel, "{ webhook: { url: \"http://127.0.0.1:9/hook\" } }")
        try await client.apply(
            "Monitor", Self.monitor,
            """
            { endpoint: \(Self.monitor), type: regression, window: { minutes: 1 }, owner: ann, severity: high, \
            alarms: { windows: 3, of: 3 }, notify: [\(Self.channel)] }
            """)
        let reference = (0..<400).map { "\(Self.inputs(age: Double($0 * 37 % 400) / 400, row: $0).text)\n" }.joined()
        let sent = try await client.send(
            .PUT, "/api/v1/monitors/\(Self.monitor)/reference/rows.ndjson", body: reference,
            type: "application/x-ndjson")
        try #require(sent.status == 200, "\(sent.text)")

        let begin = (WallClock.system.now.milliseconds - 3_600_000) / 60_000 * 60_000
        for minute in 0..<Self.minutes { try await send(minute: begin + Int64(minute) * 60_000) }
        places.incident = try await client.await("/api/v1/incidents") {
            $0["incidents"]?.arrayValue?.first?["incident_id"]?.stringValue
        }
        places.alert = try await client.await("/api/v1/alerts?monitor=\(Self.monitor)") {
            $0["alerts"]?.arrayValue?.first?["alert_id"]?.stringValue
        }
    }

    private static func inputs(age: Double, row: Int) -> JSON {
        [
            "age": .double(age), "<b>ward</b>": .string(["heart 🫀", "lung", "<i>eye</i>"][row % 3]),
            "حرارة": .double(36 + Double(row % 17) / 10),
        ]
    }

    /// Rows of which the age is of the upper half.
    private func send(minute start: Int64) async throws {
        let lines = (0..<Self.rowsInMinute).map { row -> String in
            let age = 0.5 + Double(row) / Double(2 * Self.rowsInMinute)
            let line: JSON = [
                "endpoint": .string(Self.monitor), "model": "elsewhere", "version": 1,
                "prediction_id": .string("\(start)-\(row)"), "time": .integer(start + Int64(row) * 900),
                "inputs": Self.inputs(age: age, row: row), "output": .double(age * 2),
                "label": .double(age * 2 + 0.1 * Double(row % 5)), "latency_ms": .double(5 + Double(row % 7)),
            ]
            return line.text + "\n"
        }
        let answer = try await client.send(
            .POST, "/api/v1/predictions", body: lines.joined(), type: "application/x-ndjson")
        try #require(try answer.json["accepted"]?.integerValue == Int64(Self.rowsInMinute), "\(answer.text)")
    }
}
