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
                    ["key": "mlflow.source.type", "value": "LOCAL"],
                    ["key": "mlflow.source.name", "value": "train.py"],
                    ["key": "mlflow.source.git.commit", "value": "3f2a9c1d7b5e"],
                    ["key": "mlflow.source.git.branch", "value": "deeper-trees"],
                    ["key": "mlflow.source.git.repoURL", "value": "https://git.example/oncology/triage.git"],
                    ["key": "mlflow.log-model.history", "value": #"[{"artifact_path": "forest"}]"#],
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
        for (path, text) in Self.model {
            try await client.upload(text, to: "forest/\(path)", ofRun: run, experiment: experiment)
        }
        try await client.upload(Self.picture, to: "plots/roc.png", ofRun: run, experiment: experiment)
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

    private static let model = [
        (
            "MLmodel",
            #"""
            artifact_path: forest
            flavors:
              python_function: { loader_module: mlflow.sklearn, model_path: model.pkl }
            signature:
              inputs: '[{"type": "double", "name": "age", "required": true}, {"type": "string", "name": "ward", "required": false}]'
              outputs: '[{"type": "double", "required": true}]'

            """#
        ),
        ("requirements.txt", "mlflow==3.4.0\nnumpy==2.1.3\nscikit-learn==1.5.2\n"),
        ("python_env.yaml", "python: 3.11.2\nbuild_dependencies:\n- pip==24.3\ndependencies:\n- -r requirements.txt\n"),
        ("input_example.json", #"{"columns": ["age", "ward"], "data": [[41, "a"], [7, null]]}"#),
    ]

    /// A curve in a square of 120 by 60 pixels, as PNG.
    private static let picture: [UInt8] = {
        let text =
            "iVBORw0KGgoAAAANSUhEUgAAAHgAAAA8CAMAAACac46aAAAACVBMVEX///8KaqigoKAlPpZcAAAA3ElEQVR42u3X2wrEMAgE0En+/6NLu+z2QtIq"
            + "ODMPXZ8DBzWYCNRHi4SBLIbjSu+diE7P1rGpEpaxua5VscmrUsRm72c1CwuLN7F4B4s/KxuOJrbJWTjZJmdhYqF/gXbXxDY9C/XvIlvmYjbqFqtR"
            + "t5yNufVsyCWwMLEBl8IisAPB4ZLYB7ez2HuXx0KzVadcJnvjUtm5y2Wnc5LMzhKms2OXzw5dATtyFezAlbArbGGvCavYiytjz66OPTVYyR5cKbsX"
            + "Wsv+XDH7LbSc/SSsZzfXwK6whd1cwAJbWCyO7QLE5Sw09gAAAABJRU5ErkJggg=="
        return Data(base64Encoded: text).map(Array.init) ?? []
    }()

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
