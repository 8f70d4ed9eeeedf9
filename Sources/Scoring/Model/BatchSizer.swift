/// How many rows are asked about at once: few at first, then ever more as long as an answer comes quickly, so that a slow
/// model neither runs into a deadline nor makes a part of the work that is long to repeat.
struct BatchSizer: Sendable {
    private(set) var rowCount: Int
    private let limit: Int

    private static let first = 256
    /// An answer that comes sooner lets batches grow, one that takes four times as long makes them smaller.
    private static let quick = Duration.milliseconds(500)
    /// The most cells of a batch.
    private static let maximumCells = 1_000_000

    /// - Parameter limit: what was asked for; nil for what suits the number of columns.
    init(limit: Int?, columnCount: Int) {
        self.limit = limit ?? min(16_384, max(64, Self.maximumCells / max(1, columnCount)))
        rowCount = min(self.limit, Self.first)
    }

    mutating func answered(in time: Duration) {
        if time < Self.quick {
            rowCount = min(limit, rowCount * 2)
        } else if time > Self.quick * 4 {
            rowCount = max(1, rowCount / 2)
        }
    }
}
