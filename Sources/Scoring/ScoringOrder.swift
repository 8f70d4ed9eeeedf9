import Wire

/// What is to be scored, by what, and where the answers go.
struct ScoringOrder: Sendable {
    let input: TableFile
    let output: TableFile
    /// Where the rows go that the model refuses: NDJSON, whatever the name.
    let failedPath: String
    /// The names of the input's columns that the output has before the predictions; nil for all.
    var keep: [String]?
    /// The most rows that the model is asked about at once; nil for what suits.
    var batchRows: Int?
    /// After how many rows a part ends; nil for what suits.
    var partRows: Int?
    var failureLimit: FailureLimit?
    /// Whether an output that is there already may be replaced.
    var replacesOutput = false

    init(input: TableFile, output: TableFile, failedPath: String) {
        self.input = input
        self.output = output
        self.failedPath = failedPath
    }
}

/// How many rows a model may refuse before a batch is given up.
enum FailureLimit: Sendable, Hashable {
    case rows(Int)
    /// Of the rows so far, once there are enough of them to tell.
    case percent(Double)

    /// Reads `100` or `2.5%`.
    /// - Throws: `ScoringError` for anything else.
    init(_ text: String) throws {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...100).contains(percent) {
            self = .percent(percent)
        } else if let rows = Int(text), rows >= 0 {
            self = .rows(rows)
        } else {
            throw ScoringError.invalid(
                "'\(text)' is no limit of failures.",
                hint: "Write a number of rows, such as 100, or a share, such as 2.5%.")
        }
    }

    /// Whether so many are too many.
    func isExceeded(failed: Int, of rows: Int, isEnd: Bool) -> Bool {
        switch self {
        case .rows(let limit): failed > limit
        case .percent(let limit): (isEnd || rows >= 1000) && Double(failed) > limit / 100 * Double(rows)
        }
    }
}

/// How far a batch has come.
struct ScoringProgress: Sendable, Hashable {
    enum Phase: Sendable, Hashable {
        case scoring
        /// Parts are put together.
        case finishing
    }

    var phase = Phase.scoring
    /// Rows that are answered or refused.
    var rows = 0
    /// Rows of these that were there before this process started.
    var resumedRows = 0
    var failed = 0
    /// How many there are in all; nil when only the end of the input would tell.
    var total: Int?
    var isEstimate = false
}

/// What came of a batch.
struct ScoringSummary: Sendable, Hashable {
    let rows: Int
    let failed: Int
    let resumedRows: Int
    /// The predictions' columns.
    let columns: [String]
}

extension ScoringSummary {
    /// Of a batch that was whole before this process started.
    init(_ parts: [PartRecord]) {
        rows = parts.reduce(0) { $0 + $1.rows }
        failed = parts.reduce(0) { $0 + $1.failed }
        resumedRows = rows
        columns = parts.lazy.compactMap(\.columns).first?.columns.map(\.name) ?? []
    }
}

extension ScoringSummary: JSONRepresentable {
    var json: JSON {
        [
            "rows": .integer(Int64(rows)), "failed": .integer(Int64(failed)),
            "resumed_rows": .integer(Int64(resumedRows)), "columns": .strings(columns),
        ]
    }
}
