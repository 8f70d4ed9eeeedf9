import Foundation
import NIOPosix
import Tables
import Wire

/// Scores a table from its beginning, or from where an earlier run of it ended, to its end.
///
/// DuckDB reads rows and keeps them as they are, the model answers several batches of them at the same time, and a part
/// that is complete is written while the next one is scored. Order is kept, and memory does not grow with the input.
struct ScoringRun: Sendable {
    let order: ScoringOrder
    let scorer: any Scorer
    let tables: TableEngine
    let folder: WorkFolder
    let report: @Sendable (ScoringProgress) async throws -> Void

    /// How much memory DuckDB takes before it uses the disk.
    private static let memoryBytes = 1 << 30

    /// - Parameter report: is told after each batch how far it is; what it throws ends the run, which can go on later.
    init(
        _ order: ScoringOrder, by scorer: any Scorer, tables: TableEngine, in folder: WorkFolder,
        report: @escaping @Sendable (ScoringProgress) async throws -> Void
    ) {
        self.order = order
        self.scorer = scorer
        self.tables = tables
        self.folder = folder
        self.report = report
    }

    /// - Throws: `ScoringError`, `TableError`, `RuntimeError`; `CancellationError`. Parts that are whole stay.
    func run() async throws -> ScoringSummary {
        if folder.isDelivered { return ScoringSummary(folder.parts) }
        let database = try await tables.open(
            TableSettings(
                memoryBytes: Self.memoryBytes, threads: scorer.concurrency, temporaryFolder: folder.file("spill"),
                files: .all))
        let input = try await InputTable(order.input, in: database)
        let plan = try ScoringPlan(input, for: scorer.signature, keep: order.keep, output: order.output.format)
        var tally = ScoringTally(folder.parts, of: input)
        try await score(plan, database, &tally)
        try tally.check(order.failureLimit, isEnd: true)
        tally.progress.phase = .finishing
        try await report(tally.progress)
        let columns = tally.columns ?? PredictionColumns(scorer.signature)
        try plan.check(columns)
        try await Assembly(order: order, plan: plan, folder: folder, database: database).finish(columns)
        return ScoringSummary(
            rows: tally.progress.rows, failed: tally.progress.failed, resumedRows: tally.progress.resumedRows,
            columns: columns.columns.map(\.name))
    }

    /// - Throws: `ScoringError` when the output is there already and is not to be replaced, or cannot be made.
    static func checkPlace(of order: ScoringOrder, folder: String) throws {
        let path = order.output.path
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !exists || !isFolder.boolValue else { throw ScoringError.invalid("\(path) is a folder, not a file.") }
        let isOwn = FileManager.default.fileExists(atPath: "\(folder)/\(WorkFolder.deliveryMark)")
        guard !exists || order.replacesOutput || isOwn else {
            throw ScoringError(
                .alreadyExists, "There is a file at \(path) already.", hint: "Pass --overwrite to replace it.")
        }
    }

    /// Scores what is left, part by part. While one is written the next is scored.
    private func score(_ plan: ScoringPlan, _ database: TableDatabase, _ tally: inout ScoringTally) async throws {
        let rows = try await database.rows(plan.statement(after: tally.progress.rows))
        let staging = try await database.another()
        let writer = try await database.another()
        var parts = PartScoring(run: self, plan: plan, rows: rows, tally: tally)
        defer { tally = parts.tally }
        try await withThrowingTaskGroup(of: Void.self) { writing in
            while true {
                let isFirst = parts.tally.isFirst
                let part = StagedPart(
                    index: parts.tally.partCount, firstRow: parts.tally.progress.rows + 1, plan: plan,
                    output: order.output, in: staging)
                guard let record = try await parts.score(part) else { break }
                // One at a time, so that parts count in their order.
                try await writing.next()
                let copier = StagedPart(
                    index: part.index, firstRow: part.firstRow, plan: plan, output: order.output, in: writer)
                writing.addTask { [folder] in
                    let files = try await copier.write(record, isFirst: isFirst, into: folder)
                    try await NIOThreadPool.singleton.runIfActive { try folder.commit(record, files: files) }
                    try await copier.drop()
                }
            }
            try await writing.waitForAll()
        }
    }
}
