import NIOPosix
import Tables
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes the output of its parts: it appears under its name when it is whole.
struct Assembly: Sendable {
    let order: ScoringOrder
    let plan: ScoringPlan
    let folder: WorkFolder
    let database: TableDatabase

    private var draft: String { folder.file("output") }
    private var failedDraft: String { folder.file("failed") }

    /// - Parameter columns: of the predictions.
    func finish(_ columns: PredictionColumns) async throws {
        let parts = folder.parts
        let answered = parts.filter(\.hasAnswers).map { folder.file($0.name) }
        let failed = parts.filter { $0.failed > 0 }.map { folder.file("\($0.name).failed") }
        if answered.isEmpty {
            try await writeEmpty(columns)
        } else if order.output.format == .parquet, answered.count > 1 {
            let list = answered.map { "\(quoted: $0)" as TableQuery }.joined(separator: ", ")
            try await copy("SELECT * FROM read_parquet([\(list)])")
        }
        try await NIOThreadPool.singleton.runIfActive {
            if answered.count == 1 {
                // Still there if this is the second time.
                try? FileManager.default.removeItem(atPath: draft)
                try FileManager.default.linkItem(atPath: answered[0], toPath: draft)
            } else if !answered.isEmpty, order.output.format != .parquet {
                try DurableFile.join(answered, into: draft)
            }
            try DurableFile.write("", to: folder.file(WorkFolder.deliveryMark))
            if failed.isEmpty {
                // One of a former run would be taken for this one's.
                try? FileManager.default.removeItem(atPath: order.failedPath)
            } else {
                try DurableFile.join(failed, into: failedDraft)
                try DurableFile.move(failedDraft, to: order.failedPath)
            }
            try DurableFile.move(draft, to: order.output.path)
        }
    }

    private func writeEmpty(_ columns: PredictionColumns) async throws {
        let nothing = columns.columns.enumerated().map { place, column in
            "CAST(NULL AS \(column.kind.storedType)) AS \(name: "p\(place)")" as TableQuery
        }
        let rows: TableQuery =
            "SELECT *, \(nothing.joined(separator: ", ")) FROM (\(plan.statement(after: 0))) LIMIT 0"
        try await copy("SELECT \(plan.selection(columns, to: order.output.format)) FROM (\(rows))")
    }

    private func copy(_ query: TableQuery) async throws {
        let options = order.output.format.options(isCompressed: order.output.isCompressed, hasHeading: true)
        try await database.run("COPY (\(query)) TO \(draft) (\(options))")
    }
}
