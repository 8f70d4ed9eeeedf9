import Wire

/// What has been scored so far, and whether to go on.
struct ScoringTally: Sendable {
    var progress = ScoringProgress()
    private(set) var columns: PredictionColumns?
    private(set) var partCount: Int
    /// Whether no part has rows for the output yet.
    private(set) var isFirst: Bool
    private var lastReason = ""

    /// A model that refuses so many rows and has answered none will refuse the others too.
    private static let hopeless = 1000

    init(_ parts: [PartRecord], of input: InputTable) {
        partCount = parts.count
        columns = parts.lazy.compactMap(\.columns).first
        isFirst = !parts.contains(where: \.hasAnswers)
        progress.rows = parts.reduce(0) { $0 + $1.rows }
        progress.failed = parts.reduce(0) { $0 + $1.failed }
        progress.resumedRows = progress.rows
        progress.total = input.rowCount?.rows
        progress.isEstimate = input.rowCount?.isEstimate ?? false
    }

    mutating func decide(_ columns: PredictionColumns) {
        self.columns = columns
    }

    mutating func count(rows: Int, failures: [Int: String]) {
        progress.rows += rows
        progress.failed += failures.count
        if let reason = failures.first?.value { lastReason = reason }
    }

    mutating func ended(_ part: PartRecord) {
        partCount += 1
        if part.hasAnswers { isFirst = false }
    }

    /// - Throws: `ScoringError` when too many rows failed.
    func check(_ limit: FailureLimit?, isEnd: Bool = false) throws {
        let isHopeless = limit == nil && progress.failed >= Self.hopeless && progress.failed == progress.rows
        let isExceeded = limit?.isExceeded(failed: progress.failed, of: progress.rows, isEnd: isEnd) ?? false
        let isNothing = isEnd && progress.rows > 0 && progress.failed == progress.rows
        guard isHopeless || isExceeded || isNothing else { return }
        throw ScoringError(
            ProblemCode(name: "TOO_MANY_FAILURES", status: 409, exitCode: 6),
            "The model refused \(progress.failed) of \(progress.rows) rows, at last: \(lastReason)",
            hint: isExceeded
                ? "To go on nevertheless, give the same command with a higher --limit-failures."
                : "Compare the input with the model's signature.")
    }
}
