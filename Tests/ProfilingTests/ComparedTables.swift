import Foundation
import Incidents
import Tables
import TestSupport

@testable import Profiling

/// Two tables that DuckDB or a text wrote, compared.
struct ComparedTables {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Writes the rows of a statement.
    func write(_ name: String, _ query: TableQuery) async throws {
        try await TableEngine.installed.write(query, toParquet: folder.path(name))
    }

    func write(_ name: String, text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: folder.path(name)))
    }

    func work(threads: Int = 2) async throws -> TableWork {
        try await TableWork(.installed, folder: folder.path(""), threads: threads)
    }

    func order(_ reference: String = "reference.parquet", _ current: String = "current.parquet") -> DriftOrder {
        var order = DriftOrder(reference: .files([folder.path(reference)]), current: [folder.path(current)])
        // Rows as a whole take seconds without optimisation.
        order.isJoint = false
        return order
    }

    func report(_ order: DriftOrder) async throws -> DriftReport {
        try await DriftComparison(work()).report(order)
    }

    func report(_ reference: String = "reference.parquet", _ current: String = "current.parquet") async throws
        -> DriftReport
    {
        try await report(order(reference, current))
    }
}

extension DriftReport {
    func column(_ name: String) -> ColumnComparison? {
        whole.columns.first { $0.name == name }
    }

    /// The codes of what was found of a column, its distribution aside.
    func codes(_ name: String) -> Set<String> {
        Set(findings.filter { $0.subject == name && $0.code != "drift" && $0.verdict != .fine }.map(\.code))
    }
}
