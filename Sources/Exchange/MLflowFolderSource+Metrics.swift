import Foundation
import Tracking
import Wire

// Metrics of runs and logged models in MLflow's file store: a file each, a line a point.

extension MLflowFolderSource {
    func points(of run: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.runs.id(of: run)
        let experiment = run["info"]?["experiment_id"]?.stringValue ?? ""
        let metrics = "\(folder(of: experiment))/\(id)/metrics"
        for key in try Self.files(below: metrics) {
            do {
                try await points(of: id, key, in: "\(metrics)/\(key)", body)
            } catch  where !TransferStop.isDue(after: error) {
                try await body(.broken(id: "\(id)/\(key)", error))
            }
        }
    }

    private func points(of run: String, _ key: String, in path: String, _ body: RecordBody) async throws {
        var lines = MetricLines(try LocalLines(path: path), path: path)
        var points: [JSON] = []
        while let point = try await lines.next() {
            points.append([.integer(point.timestamp), .integer(point.step), .double(point.value)])
            guard points.count == ImportedPoints.limit else { continue }
            try await body(.whole(["run_id": .string(run), "key": .string(key), "points": .array(points)]))
            points = []
        }
        if !points.isEmpty {
            try await body(.whole(["run_id": .string(run), "key": .string(key), "points": .array(points)]))
        }
        for defect in lines.defects { try await body(.broken(id: "\(run)/\(key)", defect)) }
    }

    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        let home = "\(folder(of: experiment))/models"
        for entry in try Self.entries(of: home) {
            if case .file = entry.form { continue }
            var defects: [ExchangeError] = []
            let record = try await SourceRecord.reading(entry.name) {
                let path = "\(home)/\(entry.name)"
                if case .obstacle(let reason) = entry.form { throw Self.unreadable(path, reason) }
                let metrics = try await metrics(ofModel: path, id: entry.name, &defects)
                return try Self.loggedModel(path, id: entry.name, in: experiment, metrics)
            }
            try await body(record)
            for defect in defects { try await body(.broken(id: entry.name, defect)) }
        }
    }

    private static func loggedModel(
        _ path: String, id: String, in experiment: String, _ metrics: [JSON]
    ) throws -> JSON {
        let meta = try meta(path)
        return [
            "info": .compact([
                "model_id": .string(id), "experiment_id": .string(experiment), "name": meta.string("name"),
                "creation_timestamp_ms": meta.integer("creation_timestamp"),
                "last_updated_timestamp_ms": meta.integer("last_updated_timestamp"),
                "artifact_uri": meta.string("artifact_location"), "status": meta.integer("status"),
                "lifecycle_stage": meta.string("lifecycle_stage") ?? "active",
                "model_type": meta.string("model_type"), "source_run_id": meta.string("source_run_id"),
                "tags": try pairs("\(path)/tags"),
            ]),
            "data": ["params": try pairs("\(path)/params"), "metrics": .array(metrics)],
        ]
    }

    private func metrics(
        ofModel path: String, id: String, _ defects: inout [ExchangeError]
    ) async throws -> [JSON] {
        var metrics: [JSON] = []
        for key in try Self.files(below: "\(path)/metrics") {
            let file = "\(path)/metrics/\(key)"
            var lines = MetricLines(try LocalLines(path: file), path: file)
            while let point = try await lines.next() {
                let hasDataset = point.rest.count > 2
                metrics.append(
                    .compact([
                        "key": .string(key), "value": .double(point.value), "timestamp": .integer(point.timestamp),
                        "step": .integer(point.step), "model_id": .string(id),
                        "run_id": point.rest.first.map(JSON.string),
                        "dataset_name": hasDataset ? .string(point.rest[1]) : nil,
                        "dataset_digest": hasDataset ? .string(point.rest[2]) : nil,
                    ]))
            }
            defects += lines.defects
        }
        return metrics
    }
}

/// The points in a metric's file: timestamp, value, step, and what the point measures.
private struct MetricLines {
    struct Point {
        let timestamp: Int64
        let value: Double
        let step: Int64
        let rest: [String]
    }

    private var lines: LocalLines
    private let path: String
    private var number = 0
    /// The lines that are no points, the first of them by themselves.
    private(set) var defects: [ExchangeError] = []
    private static let mostDefects = 10

    init(_ lines: LocalLines, path: String) {
        self.lines = lines
        self.path = path
    }

    mutating func next() async throws -> Point? {
        while let line = try await lines.next() {
            number += 1
            if line.isEmpty { continue }
            let text = String(decoding: line.prefix(500), as: UTF8.self)
            if let point = Self.point(text) { return point }
            let words = "line \(number) of \(path) is no point of a metric: '\(text.prefix(60))'"
            if defects.count < Self.mostDefects {
                defects.append(ExchangeError(.invalidParameterValue, words))
            } else {
                defects[Self.mostDefects - 1] = ExchangeError(
                    .invalidParameterValue, words + ", and others before it")
            }
        }
        return nil
    }

    private static func point(_ line: String) -> Point? {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count >= 2, let timestamp = Int64(parts[0]), let value = Double(parts[1]) else { return nil }
        guard let step = parts.count > 2 ? Int64(parts[2]) : 0 else { return nil }
        return Point(timestamp: timestamp, value: value, step: step, rest: Array(parts.dropFirst(3)))
    }
}
