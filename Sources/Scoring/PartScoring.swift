import Runtimes
import Tables
import Wire

/// Reads and scores the rows of one part after the other.
struct PartScoring {
    let run: ScoringRun
    let plan: ScoringPlan
    let rows: TableRows
    var tally: ScoringTally
    private var sizer: BatchSizer
    private let partRows: Int
    private var isAtEnd = false
    /// Rows that were read, and are not under way yet.
    private var queued: ArraySlice<ReadBatch> = []

    /// A part ends after so many cells, or so much time: what is lost when the process is killed, and held in memory.
    private static let partCells = 8 << 20
    private static let partTime = Duration.seconds(20)

    init(run: ScoringRun, plan: ScoringPlan, rows: TableRows, tally: ScoringTally) {
        self.run = run
        self.plan = plan
        self.rows = rows
        self.tally = tally
        sizer = BatchSizer(limit: run.order.batchRows, columnCount: plan.readPlaces.count)
        partRows = run.order.partRows ?? max(8192, Self.partCells / max(1, rows.columns.count))
    }

    /// Rows that were read together, and those of them that the model is asked about.
    private struct ReadBatch: Sendable {
        let rowCount: Int
        /// Why rows are not asked about, by their place.
        let refusals: [Int: String]
        /// The places of the others.
        let asked: [Int]
        let rows: RowBatch

        /// The same rows in batches of at most so many.
        func cut(into limit: Int) -> [ReadBatch] {
            guard rowCount > limit else { return [self] }
            var next = 0
            return stride(from: 0, to: rowCount, by: limit).map { start in
                let end = min(rowCount, start + limit)
                let first = next
                while next < asked.count, asked[next] < end { next += 1 }
                return ReadBatch(
                    rowCount: end - start,
                    refusals: Dictionary(
                        uniqueKeysWithValues: refusals.filter { (start..<end).contains($0.key) }
                            .map { ($0.key - start, $0.value) }),
                    asked: asked[first..<next].map { $0 - start }, rows: rows.slice(first..<next))
            }
        }
    }

    private struct ScoredBatch: Sendable {
        let batch: ReadBatch
        /// Nil when what runs the model ended meanwhile.
        let pieces: [RowIsolation.Piece]?
        let time: Duration
    }

    /// Scores the next part into its tables.
    /// - Returns: nil when there are no more rows.
    mutating func score(_ part: StagedPart) async throws -> PartRecord? {
        guard !isAtEnd else { return nil }
        let appender = try await part.openRows()
        let before = tally.progress
        var answers = AnswerTable(part: part, signature: run.scorer.signature)
        try await scoreBatches(appender, &answers)
        try await appender.close()
        let rowCount = tally.progress.rows - before.rows
        guard rowCount > 0 else { return nil }
        try await answers.close(tally.columns)
        let record = PartRecord(
            index: part.index, rows: rowCount, failed: tally.progress.failed - before.failed, columns: tally.columns)
        tally.ended(record)
        return record
    }

    /// Keeps several batches under way, and takes their answers in order.
    private mutating func scoreBatches(_ appender: TableAppender, _ answers: inout AnswerTable) async throws {
        let isolation = RowIsolation(scorer: run.scorer)
        let start = ContinuousClock.now
        var (begun, taken, readRows) = (0, 0, 0)
        var scored: [Int: ScoredBatch] = [:]
        try await withThrowingTaskGroup(of: (Int, ScoredBatch).self) { group in
            while true {
                let isFull = readRows >= partRows || ContinuousClock.now - start > Self.partTime
                while begun - taken < run.scorer.concurrency + 1 {
                    // What was read belongs to this part.
                    if queued.isEmpty, !isFull, let batch = try await read(appender) {
                        readRows += batch.rowCount
                        queued = batch.cut(into: sizer.rowCount)[...]
                    }
                    guard let batch = queued.popFirst() else { break }
                    let index = begun
                    begun += 1
                    group.addTask { (index, try await Self.score(batch, isolation)) }
                }
                guard let (index, batch) = try await group.next() else { break }
                scored[index] = batch
                if batch.pieces == nil {
                    // Whose fault it was shows when nothing else is under way.
                    for try await (index, batch) in group { scored[index] = batch }
                }
                while let next = scored.removeValue(forKey: taken) {
                    taken += 1
                    guard let pieces = next.pieces else {
                        try await take(next.batch, try await isolation.scoreAlone(next.batch.rows), &answers)
                        continue
                    }
                    sizer.answered(in: next.time)
                    try await take(next.batch, pieces, &answers)
                }
            }
        }
    }

    private static func score(_ batch: ReadBatch, _ isolation: RowIsolation) async throws -> ScoredBatch {
        let start = ContinuousClock.now
        do {
            let pieces = try await isolation.score(batch.rows)
            return ScoredBatch(batch: batch, pieces: pieces, time: .now - start)
        } catch is ScorerInterruption {
            return ScoredBatch(batch: batch, pieces: nil, time: .now - start)
        }
    }

    /// Reads the next batch; nil after the last row.
    private mutating func read(_ appender: TableAppender) async throws -> ReadBatch? {
        guard !isAtEnd else { return nil }
        var chunks: [TableChunk] = []
        var rowCount = 0
        while rowCount < sizer.rowCount {
            guard let chunk = try await rows.next(reading: plan.readPlaces, appendingTo: appender) else {
                isAtEnd = true
                break
            }
            chunks.append(chunk)
            rowCount += chunk.rowCount
        }
        guard rowCount > 0 else { return nil }
        var vectors = plan.readPlaces.indices.map { place in TableVector.joined(chunks.map { $0.vectors[place] }) }
        var refusals: [Int: String] = [:]
        if plan.refusalPlace != nil, case .texts(let reasons) = vectors.removeLast().values {
            // A reason is never empty, and where there is none DuckDB's vector has an empty text.
            for (row, reason) in reasons.enumerated() where !reason.isEmpty { refusals[row] = reason }
        }
        let asked = (0..<rowCount).filter { refusals[$0] == nil }
        if !refusals.isEmpty { vectors = vectors.map { $0.picking(asked) } }
        let rows = plan.rows.input(vectors, rowCount: asked.count)
        return ReadBatch(rowCount: rowCount, refusals: refusals, asked: asked, rows: rows)
    }

    private mutating func take(
        _ batch: ReadBatch, _ pieces: [RowIsolation.Piece], _ answers: inout AnswerTable
    ) async throws {
        if tally.columns == nil, let columns = try Self.columns(pieces, run.scorer.signature) {
            try plan.check(columns)
            tally.decide(columns)
        }
        var failures = batch.refusals
        for piece in pieces {
            if case .refused(let reason) = piece.outcome { failures[batch.asked[piece.rows.lowerBound]] = reason }
        }
        try await answers.append(
            pieces, at: batch.asked, rowCount: batch.rowCount, failures: failures, columns: tally.columns)
        tally.count(rows: batch.rowCount, failures: failures)
        try tally.check(run.order.failureLimit)
        try await run.report(tally.progress)
    }

    private static func columns(
        _ pieces: [RowIsolation.Piece], _ signature: ModelSignature?
    ) throws -> PredictionColumns? {
        for piece in pieces {
            guard case .answered(let output) = piece.outcome else { continue }
            return try PredictionColumns(output, rowCount: piece.rows.count, signature: signature)
        }
        return nil
    }
}
