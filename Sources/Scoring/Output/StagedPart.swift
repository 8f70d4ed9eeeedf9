import Tables
import Wire

/// The rows of a part on their way: as they were read in one table of DuckDB, what became of them in another, row beside
/// row.
struct StagedPart: Sendable {
    let index: Int
    /// The number of its first row, from 1.
    let firstRow: Int
    let plan: ScoringPlan
    let output: TableFormat
    let isCompressed: Bool
    private let database: TableDatabase

    init(index: Int, firstRow: Int, plan: ScoringPlan, output: TableFile, in database: TableDatabase) {
        self.index = index
        self.firstRow = firstRow
        self.plan = plan
        self.output = output.format
        isCompressed = output.isCompressed
        self.database = database
    }

    private var rows: String { "rows_\(index)" }
    private var answers: String { "answers_\(index)" }

    /// Makes the table of rows.
    func openRows() async throws -> TableAppender {
        try await database.run("CREATE TABLE \(name: rows) AS SELECT * FROM (\(plan.statement(after: 0))) LIMIT 0")
        return try await database.appender(to: rows)
    }

    /// Makes the table of what becomes of them: the row's number, why it failed, and its predictions.
    func openAnswers(_ columns: PredictionColumns?) async throws -> TableAppender {
        let predictions = (columns?.columns ?? []).enumerated().map { place, column in
            ", \(name: "p\(place)") \(column.kind.storedType)" as TableQuery
        }
        try await database.run(
            "CREATE TABLE \(name: answers) (number BIGINT, failure VARCHAR\(predictions.joined(separator: "")))")
        return try await database.appender(to: answers)
    }

    /// Writes the part's files.
    /// - Returns: their paths.
    func write(_ record: PartRecord, isFirst: Bool, into folder: WorkFolder) async throws -> [String] {
        let both: TableQuery = "\(name: rows) POSITIONAL JOIN \(name: answers)"
        var files: [String] = []
        if record.hasAnswers, let columns = record.columns {
            let condition: TableQuery = record.failed > 0 ? " WHERE failure IS NULL" : ""
            let file = folder.file(record.name)
            try await database.run(
                """
                COPY (SELECT \(plan.selection(columns, to: output)) FROM \(both)\(condition)) TO \(file) \
                (\(output.options(isCompressed: isCompressed, hasHeading: isFirst)))
                """)
            files.append(file)
        }
        if record.failed > 0 {
            let file = folder.file("\(record.name).failed")
            try await database.run(
                """
                COPY (SELECT number AS "row", failure AS reason, \(plan.shownRow) AS input FROM \(both) \
                WHERE failure IS NOT NULL) TO \(file) (FORMAT json)
                """)
            files.append(file)
        }
        return files
    }

    func drop() async throws {
        try await database.run("DROP TABLE \(name: rows)")
        try await database.run("DROP TABLE \(name: answers)")
    }
}

extension ScoringPlan {
    /// The columns of the output.
    func selection(_ predictions: PredictionColumns, to format: TableFormat) -> TableQuery {
        let answered = predictions.columns.enumerated().map { place, column in
            "\(column.kind.output("\(name: "p\(place)")", to: format)) AS \(name: column.name)" as TableQuery
        }
        return (kept.map { "\($0.value) AS \(name: $0.name)" } + answered).joined(separator: ", ")
    }

    /// - Throws: `ScoringError` when a prediction has the name of a column that is kept.
    func check(_ predictions: PredictionColumns) throws {
        var names: Set<String> = []
        for name in kept.map(\.name) + predictions.columns.map(\.name) where !names.insert(name.lowercased()).inserted {
            throw ScoringError.invalid(
                "The model's prediction '\(name)' has the name of a column of the input.",
                hint: "Name the input's columns that the output is to have with --keep, without this one.")
        }
    }
}

extension TableFormat {
    /// Those of a COPY.
    func options(isCompressed: Bool, hasHeading: Bool) -> TableQuery {
        let compression: TableQuery = isCompressed ? ", COMPRESSION gzip" : ", COMPRESSION none"
        return switch self {
        case .csv: "FORMAT csv, HEADER \(hasHeading ? "true" : "false" as TableQuery)\(compression)"
        case .ndjson: "FORMAT json\(compression)"
        case .parquet: "FORMAT parquet"
        }
    }
}
