import TestSupport
import Testing
import Wire

/// So many things that no page may show all of them, by the routes that take what other servers had.
struct Crowd {
    let client: LiveServer

    static let runs = 10_000
    static let others = 300
    static let deleted = 120
    private static let batch = 1000
    private static let metrics = ["accuracy", "auc", "loss"]

    func sow(into places: SeededServer.Places) async throws {
        let now = WallClock.system.now.milliseconds
        try await send("experiments", (0..<Self.others).map { Self.experiment($0, now) })
        try await send("models", (0..<Self.others).map { Self.model($0, now) })
        try await send("versions", (0..<Self.others).map { Self.version($0, now, run: places.run) })
        try await send("runs", (0..<Self.runs).map { Self.run($0, in: places.experiment, now) })
        for metric in Self.metrics {
            try await send("metrics", (0..<Self.runs).map { Self.points($0, of: metric, now) })
        }
        let tried = Self.runs..<Self.runs + Self.deleted
        try await send("runs", tried.map { Self.run($0, in: places.experiment, now) })
        for number in tried { try await client.mlflow("runs/delete", ["run_id": .string(Self.id(number))]) }
        try await send("traces", (0..<Self.others).map { Self.trace($0, in: places.experiment, now) })
        for number in 0..<40 {
            try await client.apply("Monitor", "crowd-\(number)", "{ endpoint: crowd-\(number) }")
        }
    }

    /// A request for each thousand.
    private func send(_ kind: String, _ records: [JSON]) async throws {
        for start in stride(from: 0, to: records.count, by: Self.batch) {
            let part = Array(records[start..<min(start + Self.batch, records.count)])
            let answer = try await client.post("/api/v1/import/\(kind)", json: ["records": .array(part)])
            let effects = try answer.json["outcomes"]?.arrayValue?.map { $0["effect"] } ?? []
            try #require(
                answer.status == 200 && effects.count == part.count && !effects.contains("conflict"),
                "\(kind): \(answer.text.prefix(500))")
        }
    }

    private static func experiment(_ number: Int, _ now: Int64) -> JSON {
        [
            "experiment_id": .string("\(5000 + number)"), "name": .string("experiment \(number)"),
            "creation_time": .integer(now - Int64(number) * 60_000), "last_update_time": .integer(now),
        ]
    }

    private static func id(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    private static func run(_ number: Int, in experiment: String, _ now: Int64) -> JSON {
        let start = now - 86_400_000 - Int64(number) * 61_000
        return [
            "info": [
                "run_id": .string(id(number)), "experiment_id": .string(experiment),
                "run_name": .string("sweep \(number)"), "user_id": "ann", "status": "FINISHED",
                "start_time": .integer(start), "end_time": .integer(start + 60_000),
                "artifact_uri": .string("mlflow-artifacts:/\(experiment)/\(id(number))/artifacts"),
            ],
            "data": [
                "params": [
                    ["key": "depth", "value": .string("\(number % 12)")],
                    ["key": "rate", "value": .string("0.0\(number % 9 + 1)")],
                ], "tags": [["key": "team", "value": "oncology"]],
            ],
        ]
    }

    private static func points(_ number: Int, of metric: String, _ now: Int64) -> JSON {
        let value = Double(number * 7919 % 10_000) / 10_000
        return [
            "run_id": .string(id(number)), "key": .string(metric),
            "points": [[.integer(now - 86_400_000), 0, .double(value)]],
        ]
    }

    private static func model(_ number: Int, _ now: Int64) -> JSON {
        [
            "name": .string("model \(number)"), "creation_timestamp": .integer(now),
            "last_updated_timestamp": .integer(now),
        ]
    }

    private static func version(_ number: Int, _ now: Int64, run: String) -> JSON {
        [
            "name": "model 7", "version": .string("\(number + 1)"), "creation_timestamp": .integer(now),
            "last_updated_timestamp": .integer(now), "run_id": .string(run), "source": "mlflow-artifacts:/0/m",
            "aliases": number == 9 ? ["champion"] : [],
        ]
    }

    private static func trace(_ number: Int, in experiment: String, _ now: Int64) -> JSON {
        [
            "trace_info": [
                "trace_id": .string("tr-\(id(number))"),
                "trace_location": ["mlflow_experiment": ["experiment_id": .string(experiment)]],
                "request_preview": .string("question \(number)"), "response_preview": "an answer",
                "request_time": .string(Timestamp(milliseconds: now - Int64(number) * 1000).iso8601),
                "execution_duration": "0.25s", "state": "OK", "trace_metadata": [:],
                "tags": ["mlflow.traceName": "answer"], "assessments": [],
            ], "prompts": [],
        ]
    }
}
