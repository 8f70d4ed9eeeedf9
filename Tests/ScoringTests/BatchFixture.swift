import Foundation
import Natives
import Runtimes
import Tables
import TestSupport
import TrainedModels
import Wire

@testable import Scoring

/// Batches of real files, scored by real models.
struct BatchFixture {
    let folder: TemporaryFolder
    let models: TrainedModels

    init() async throws {
        folder = try TemporaryFolder()
        models = try await TrainedModels.get()
    }

    func path(_ name: String) -> String { folder.path(name) }

    func write(text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// Writes what a statement gives, in the format of the name.
    func write(_ query: TableQuery, to name: String) async throws {
        let database = try await TableEngine.installed.open(TableSettings(memoryBytes: 1 << 28, files: .all))
        let format: TableQuery =
            name.hasSuffix(".parquet")
            ? "FORMAT parquet, ROW_GROUP_SIZE 2048" : name.hasSuffix(".csv") ? "FORMAT csv" : "FORMAT json"
        try await database.run("COPY (\(query)) TO \(path(name)) (\(format))")
    }

    /// What a statement gives.
    func rows(_ query: TableQuery) async throws -> [[TableValue]] {
        let database = try await TableEngine.installed.open(TableSettings(memoryBytes: 1 << 28, files: .all))
        return try await database.rows(query).collect(limit: 1_000_000)
    }

    /// The rows that a model was tested with by Python, so many times over, each with a number.
    func example(_ model: String, times: Int = 1) throws -> TableQuery {
        let (columns, rows, _) = try models.expectation(model)
        try write(text: rows.map { JSON.array($0).text + "\n" }.joined(), to: "\(model).rows")
        let cells = (columns ?? []).enumerated().map { place, name in
            "CAST(json->>\(quoted: "$[\(place)]") AS DOUBLE) AS \(name: name)" as TableQuery
        }
        let list = cells.joined(separator: ", ")
        let source = path("\(model).rows")
        return """
            SELECT (n * \(rows.count) + i)::BIGINT AS id, \(list) FROM range(\(times)) t(n), \
            (SELECT row_number() OVER () - 1 AS i, json FROM read_json_objects(\(source), format = 'newline_delimited')) \
            ORDER BY id
            """
    }

    func order(_ input: String, _ output: String, _ change: (inout ScoringOrder) -> Void = { _ in }) throws
        -> ScoringOrder
    {
        var order = ScoringOrder(
            input: try TableFile(path: path(input), format: nil),
            output: try TableFile(path: path(output), format: nil),
            failedPath: path("\(output).failed.ndjson"))
        change(&order)
        return order
    }

    /// Scores a file by one of the trained models.
    @discardableResult
    func score(
        _ order: ScoringOrder, by model: String, parameters: JSON? = nil,
        report: @escaping @Sendable (ScoringProgress) async throws -> Void = { _ in }
    ) async throws -> ScoringSummary {
        let runtime = try await TrainedModels.runtimes(.batches).load(path: models.path(model))
        let scorer = RuntimeScorer(runtime, parameters: parameters, concurrency: 2)
        do {
            let summary = try await score(order, by: scorer, report: report)
            await scorer.close()
            return summary
        } catch {
            await scorer.close()
            throw error
        }
    }

    @discardableResult
    func score(
        _ order: ScoringOrder, by scorer: any Scorer,
        report: @escaping @Sendable (ScoringProgress) async throws -> Void = { _ in }
    ) async throws -> ScoringSummary {
        let work = order.output.path + ".parts"
        try ScoringRun.checkPlace(of: order, folder: work)
        let folder = try WorkFolder(path: work, for: ["input": .string(order.input.path)], restarts: false)
        let summary = try await ScoringRun(order, by: scorer, tables: .installed, in: folder, report: report).run()
        folder.remove()
        return summary
    }
}

extension TableValue {
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
