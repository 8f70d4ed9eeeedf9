import Foundation
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// An experiment of runs that try out two params, and what came of it.
struct SweepSeed {
    let client: LiveServer

    private static let depths = [2, 3, 4, 6, 8, 12]
    private static let rates = [0.01, 0.03, 0.05, 0.1]

    func sow(into places: inout SeededServer.Places) async throws {
        let made = try await client.mlflow("experiments/create", ["name": "sweep of forests"])
        let experiment = try #require(made["experiment_id"]?.stringValue)
        let now = WallClock.system.now.milliseconds
        for (column, depth) in Self.depths.enumerated() {
            for (row, rate) in Self.rates.enumerated() {
                let start = now - 172_800_000 + Int64(places.sweep.count) * 600_000
                let made = try await client.mlflow(
                    "runs/create",
                    [
                        "experiment_id": .string(experiment), "run_name": .string("forest \(depth)/\(rate)"),
                        "start_time": .integer(start), "user_id": "ben",
                        "tags": [["key": "kind", "value": column.isMultiple(of: 2) ? "forest" : "boosted"]],
                    ])
                let run = try #require(made["run"]?["info"]?["run_id"]?.stringValue)
                places.sweep.append(run)
                try await client.mlflow(
                    "runs/log-batch",
                    [
                        "run_id": .string(run),
                        "metrics": [
                            Self.metric("auc", Self.auc(column, row), start),
                            Self.metric("seconds", Double(depth) * 1.7 + rate, start),
                        ],
                        "params": [
                            ["key": "depth", "value": .string("\(depth)")],
                            ["key": "rate", "value": .string("\(rate)")],
                        ],
                    ])
                try await client.mlflow(
                    "runs/update",
                    ["run_id": .string(run), "status": "FINISHED", "end_time": .integer(start + 300_000)])
            }
        }
    }

    /// A hill with its top between the third and the fourth depth, at the second rate; one run fell off it.
    private static func auc(_ column: Int, _ row: Int) -> Double {
        if column == 4, row == 1 { return 0.61 }
        let (x, y) = (Double(column) - 2.4, Double(row) - 1.2)
        return 0.72 + 0.2 * exp(-(x * x + y * y) / 4)
    }

    private static func metric(_ key: String, _ value: Double, _ time: Int64) -> JSON {
        ["key": .string(key), "value": .double(value), "step": 0, "timestamp": .integer(time)]
    }
}
