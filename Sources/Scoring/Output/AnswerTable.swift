import Runtimes
import Tables
import Wire

/// Collects what became of the rows of a part. Its table is made when the first answer shows what columns it has.
struct AnswerTable {
    private let part: StagedPart
    private var nextRow: Int
    private var appender: TableAppender?
    /// Failures that came before the first answer.
    private var waiting: [(rowCount: Int, failures: [Int: String])] = []

    init(part: StagedPart, signature: ModelSignature?) {
        self.part = part
        nextRow = part.firstRow
    }

    /// - Parameters:
    ///   - asked: the place among the rows of each row that the pieces count.
    ///   - failures: the reasons of all rows that have no answer, by their place.
    ///   - columns: nil when no row of the input has been answered so far.
    mutating func append(
        _ pieces: [RowIsolation.Piece], at asked: [Int], rowCount: Int, failures: [Int: String],
        columns: PredictionColumns?
    ) async throws {
        guard let columns else {
            waiting.append((rowCount, failures))
            return
        }
        let appender = try await opened(columns)
        let answered = try Self.answers(pieces, columns)
        let vectors = failures.isEmpty ? answered : Self.spread(answered, over: rowCount, at: asked, without: failures)
        try await append(vectors, rowCount: rowCount, failures: failures, to: appender)
    }

    /// Puts everything into the table.
    mutating func close(_ columns: PredictionColumns?) async throws {
        try await opened(columns).close()
    }

    private mutating func opened(_ columns: PredictionColumns?) async throws -> TableAppender {
        if let appender { return appender }
        let appender = try await part.openAnswers(columns)
        self.appender = appender
        for (rowCount, failures) in waiting {
            let nothing = (columns?.columns ?? []).map { $0.kind.missing(rowCount) }
            try await append(nothing, rowCount: rowCount, failures: failures, to: appender)
        }
        waiting = []
        return appender
    }

    private mutating func append(
        _ predictions: [TableVector], rowCount: Int, failures: [Int: String], to appender: TableAppender
    ) async throws {
        let first = Int64(nextRow)
        nextRow += rowCount
        let numbers = TableVector(.integers((0..<Int64(rowCount)).map { first + $0 }))
        let reasons = (0..<rowCount).map { failures[$0] ?? "" }
        let failed = TableVector(.texts(reasons), validity: (0..<rowCount).map { failures[$0] != nil })
        try await appender.append([numbers, failed] + predictions, rowCount: rowCount)
    }

    /// The answers of all pieces, one after the other.
    private static func answers(
        _ pieces: [RowIsolation.Piece], _ columns: PredictionColumns
    ) throws -> [TableVector] {
        let cells = try pieces.compactMap { piece -> AnswerCells? in
            guard case .answered(let output) = piece.outcome else { return nil }
            let cells = try AnswerCells(output, rowCount: piece.rows.count)
            guard cells.names.count == columns.columns.count else {
                throw ScoringError.invalid(
                    "The model answers \(cells.names.count) values for a row where it answered "
                        + "\(columns.columns.count) before.")
            }
            return cells
        }
        return try columns.columns.enumerated().map { place, column in
            .joined(try cells.map { try $0.vector(place, of: column) }, or: column.kind)
        }
    }

    /// Puts answers beside the rows that they are of.
    private static func spread(
        _ answers: [TableVector], over rowCount: Int, at asked: [Int], without failures: [Int: String]
    ) -> [TableVector] {
        let answered = asked.filter { failures[$0] == nil }
        var places = Array(repeating: 0, count: rowCount)
        var isAnswered = Array(repeating: false, count: rowCount)
        for (index, row) in answered.enumerated() {
            places[row] = index
            isAnswered[row] = true
        }
        return answers.map { vector in
            guard !answered.isEmpty else { return vector.blank(rowCount) }
            let picked = vector.picking(places)
            let validity = picked.validity.map { validity in zip(validity, isAnswered).map { $0 && $1 } } ?? isAnswered
            return TableVector(picked.values, validity: validity)
        }
    }
}

extension TableVector {
    fileprivate static func joined(_ vectors: [TableVector], or kind: PredictionColumns.Kind) -> TableVector {
        vectors.isEmpty ? kind.missing(0) : joined(vectors)
    }

    /// As many missing values of the same type.
    fileprivate func blank(_ count: Int) -> TableVector {
        let validity = Array(repeating: false, count: count)
        return switch values {
        case .bools: TableVector(.bools(validity), validity: validity)
        case .integers: TableVector(.integers(Array(repeating: 0, count: count)), validity: validity)
        case .doubles: TableVector(.doubles(Array(repeating: 0, count: count)), validity: validity)
        case .texts, .others: TableVector(.texts(Array(repeating: "", count: count)), validity: validity)
        }
    }
}
