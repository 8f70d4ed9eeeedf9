/// Profiles one table.
struct TableProfiling: Sendable {
    private let work: TableWork
    private let progress: @Sendable (String) -> Void

    init(_ work: TableWork, progress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.work = work
        self.progress = progress
    }

    /// - Throws: `ProfilingError`, `TableError`, `CancellationError`.
    func profile(_ names: [String], format: String?, _ choice: ColumnChoice) async throws -> ProfiledTable {
        let table = try await work.open(DataFiles(names, format: format))
        let chosen = try choice.chosen([table.columns])
        let columns = table.columns.filter { chosen.contains($0.name) }.map { column in
            (column: column, kind: column.kind.compared)
        }
        return try await work.profiler { [progress] done, all in progress("\(done) of \(all) columns") }
            .reference(table, columns)
    }
}
