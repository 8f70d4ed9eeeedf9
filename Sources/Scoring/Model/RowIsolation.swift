import Runtimes
import Wire

/// Scores a batch although some of its rows cannot be: those are found by halving, so that one of them costs a few dozen
/// calls and all others are answered.
struct RowIsolation: Sendable {
    /// Rows that were answered together, or one row and why it was not.
    struct Piece: Sendable {
        enum Outcome: Sendable {
            case answered(ModelOutput)
            case refused(String)
        }

        let rows: Range<Int>
        let outcome: Outcome
    }

    let scorer: any Scorer

    /// How often what runs the model may end over one batch.
    private static let maximumInterruptions = 100

    /// Scores a batch while others are under way too.
    /// - Throws: `ScorerInterruption`, which may be another batch's fault; whatever else ends everything.
    func score(_ batch: RowBatch) async throws -> [Piece] {
        var interruptions = 0
        return try await score(batch, 0..<batch.rowCount, isAlone: false, &interruptions)
    }

    /// Scores a batch that was interrupted, when nothing else is under way: who ends the model's process now is in it.
    func scoreAlone(_ batch: RowBatch) async throws -> [Piece] {
        var interruptions = 0
        try await scorer.recover()
        return try await score(batch, 0..<batch.rowCount, isAlone: true, &interruptions)
    }

    private func score(
        _ batch: RowBatch, _ rows: Range<Int>, isAlone: Bool, _ interruptions: inout Int
    ) async throws -> [Piece] {
        guard !rows.isEmpty else { return [] }
        do {
            let output = try await scorer.answer(batch.slice(rows))
            return [Piece(rows: rows, outcome: .answered(output))]
        } catch let refusal as ScorerRefusal {
            guard rows.count > 1 else { return [Piece(rows: rows, outcome: .refused(refusal.reason))] }
        } catch let interruption as ScorerInterruption where isAlone {
            interruptions += 1
            guard interruptions < Self.maximumInterruptions else {
                throw ScoringError.invalid(
                    "The model's process ended \(interruptions) times over \(batch.rowCount) rows: \(interruption.reason)",
                    hint: "What is scored is kept: mend the model or the rows and give the same command again.")
            }
            try await scorer.recover()
            guard rows.count > 1 else { return [Piece(rows: rows, outcome: .refused(interruption.reason))] }
        }
        let middle = rows.lowerBound + rows.count / 2
        let first = try await score(batch, rows.lowerBound..<middle, isAlone: isAlone, &interruptions)
        return try await first + score(batch, middle..<rows.upperBound, isAlone: isAlone, &interruptions)
    }
}
