/// Whether a column drifted, as Evidently 0.7.23 finds it: its choice of test, its bins, its score, threshold and verdict.
///
///     let drift = try EvidentlyDrift(reference: .decimals(ages), current: .decimals(agesNow))
///     drift.test.rawValue, drift.score, drift.threshold, drift.isDrifted
///
/// Only the size of the reference decides between tests and distances, however small the current window; missing values and
/// infinities are dropped first.
package struct EvidentlyDrift: Sendable, Equatable {
    package let type: EvidentlyColumnType
    package let test: EvidentlyTest
    /// A p-value or a distance (`test.isDistance`); NaN where Evidently's is.
    package let score: Double
    package let threshold: Double
    package let isDrifted: Bool

    /// Compares a column of both sides. Type and test are Evidently's choice unless they are given, the threshold is that of
    /// the test.
    ///
    /// Throws what Evidently raises as an error: `EvidentlyRefusal`.
    package init(
        reference: RawColumn, current: RawColumn, type: EvidentlyColumnType? = nil, test: EvidentlyTest? = nil,
        threshold: Double? = nil
    ) throws(EvidentlyRefusal) {
        let type = type ?? EvidentlyColumnType(current)
        let (reference, current) = (reference.present(), current.present())
        guard reference.rows > 0 else { throw .empty(side: "reference") }
        guard current.rows > 0 else { throw .empty(side: "current") }
        guard (reference.numbers == nil) == (current.numbers == nil) else { throw .differentTypes }
        guard type != .numerical || reference.numbers != nil else { throw .notNumbers }
        let sides = EvidentlySides(type: type, reference: reference, current: current)
        let distinct = sides.distinctCount(upTo: 5)
        let chosen = EvidentlyTest.chosen(type, referenceRows: reference.rows, distinctValues: distinct)
        guard let test = test ?? chosen else { throw .text }
        self.type = type
        self.test = test
        self.threshold = threshold ?? test.defaultThreshold
        score = try sides.score(test)
        isDrifted = test.isDrift(score, threshold: self.threshold)
    }
}

/// The share of columns that drifted, and whether that makes the data set drift.
package struct EvidentlyDatasetDrift: Sendable, Equatable {
    package let columns: Int
    package let driftedColumns: Int
    /// NaN for no columns.
    package let share: Double
    package let isDrifted: Bool

    /// A data set drifts when at least `driftShare` of its columns do.
    package init(_ columns: some Collection<EvidentlyDrift>, driftShare: Double = 0.5) {
        self.columns = columns.count
        driftedColumns = columns.count { $0.isDrifted }
        share = Double(driftedColumns) / Double(columns.count)
        isDrifted = share >= driftShare
    }
}

/// Why Evidently compares two columns not at all.
package enum EvidentlyRefusal: Error, Equatable, CustomStringConvertible {
    case empty(side: String)
    /// Numbers on one side, text on the other.
    case differentTypes
    case notNumbers
    /// Long text is compared by a classifier with a random start, which nothing can repeat.
    case text
    /// What a test asks of its samples.
    case unfit(EvidentlyTest, String)

    package var description: String {
        switch self {
        case .empty(let side): "the \(side) column has no values"
        case .differentTypes: "one side holds numbers, the other text"
        case .notNumbers: "the column should hold numbers only"
        case .text: "free text: more than half of its values differ, so there is no distribution to compare"
        case .unfit(let test, let reason): "\(test.rawValue) \(reason)"
        }
    }
}
