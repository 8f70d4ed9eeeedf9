extension PredictionJournal {
    /// Lines on their way out of the journal.
    struct Portion: Sendable {
        let start: JournalPosition
        /// Whole ones; none for what a power failure left of one.
        let lines: [UInt8]
        let end: JournalPosition
        let byteCount: Int
        /// What some of the lines say, by where they end, in their order: those that were written by this process and go to the
        /// store.
        var numbers: [HeldNumbers.Line] = []
    }

    static let portionBytes = 4 << 20

    /// The next lines that are in the store and were not told to observers; nil when all were. Blocks.
    /// - Parameter end: what comes behind it is known already.
    func unobserved(upTo end: JournalPosition? = nil, maximumBytes: Int = portionBytes) throws -> Portion? {
        let progress = progress
        let limit = min(progress.stored, end ?? progress.stored)
        return try portion(from: progress.observed, to: limit, maximumBytes: maximumBytes)
    }
}
