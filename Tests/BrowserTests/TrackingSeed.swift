import Foundation
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// Three experiments; the first one has three runs with curves, params, tags, a dataset and files.
struct TrackingSeed {
    let client: LiveServer

    static let runs = ["<b>bold</b> run", "تشغيل ٣", "🦉 night owl"]
    private static let steps = 60

    func sow(into places: inout SeededServer.Places) async throws {
        for name in [Awkward.rightToLeft, Awkward.emoji, Awkward.markup] {
            let made = try await client.mlflow(
                "experiments/create",
                ["name": .string(name), "tags": [["key": "team", "value": "oncology"]]])
            places.experiment = try #require(made["experiment_id"]?.stringValue)
        }
        for (number, name) in Self.runs.enumerated() {
            places.run = try await run(number, named: name, in: places.experiment)
            places.runs.append(places.run)
        }
    }

    private func run(_ number: Int, named name: String, in experiment: String) async throws -> String {
        let start = WallClock.system.now.milliseconds - Int64(10 - number) * 3_600_000
        let made = try await client.mlflow(
            "runs/create",
            [
                "experiment_id": .string(experiment), "run_name": .string(name), "start_time": .integer(start),
                "user_id": "ann",
                "tags": [
                    ["key": "mlflow.source.name", "value": "train.py"],
                    ["key": "mlflow.source.git.commit", "value": "3f2a9c1d7b5e"],
                    ["key": "essay", "value": .string(String(Awkward.longTag))],
                ],
            ])
        let run = try #require(made["run"]?["info"]?["run_id"]?.stringValue)
        try await log(run, number, start: start)
        try await client.mlflow(
            "runs/log-inputs",
            [
                "run_id": .string(run),
                "datasets": [
                    [
                        "dataset": [
                            "name": "patients <2026>", "digest": "d1a2b3c4", "source_type": "local",
                            "source": #"{"uri": "/data/patients.csv"}"#,
                        ],
                        "tags": [["key": "mlflow.data.context", "value": "training"]],
                    ]
                ],
            ])
        try await client.upload(
            "# What was tried\n\nA **forest**, and <script>alert(1)</script>.\n", to: "README.md", ofRun: run,
            experiment: experiment)
        try await client.upload(
            "age,name\n41,Ann\n7,<b>Bob</b>\n", to: "tables/rows.csv", ofRun: run, experiment: experiment)
        if number > 0 {
            try await client.mlflow(
                "runs/update",
                [
                    "run_id": .string(run), "status": number == 1 ? "FAILED" : "FINISHED",
                    "end_time": .integer(start + 754_000),
                ])
        }
        return run
    }

    private func log(_ run: String, _ number: Int, start: Int64) async throws {
        var metrics: [JSON] = []
        for step in 0..<Self.steps {
            let progress = Double(step) / Double(Self.steps)
            let loss = exp(-3 * progress) + 0.05 * sin(Double(step + number))
            let values: [(String, JSON)] = [
                ("loss", .double(loss)), ("accuracy", .double(1 - 0.4 * loss)), ("diverged", "NaN"),
            ]
            for (key, value) in values {
                metrics.append([
                    "key": .string(key), "value": value, "step": .integer(Int64(step)),
                    "timestamp": .integer(start + Int64(step) * 1000),
                ])
            }
        }
        try await client.mlflow(
            "runs/log-batch",
            [
                "run_id": .string(run), "metrics": .array(metrics),
                "params": [
                    ["key": "optimizer", "value": "<i>adam</i>"], ["key": "depth", "value": .string("\(3 + number)")],
                    ["key": "rate", "value": "0.01"],
                ],
            ])
    }
}
