import Statistics

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How much larger the share of some kind of rows is in a window than in its reference, and how surely.
struct ShareChange: Sendable, Equatable {
    let count: Int
    let rows: Int
    let share: Double
    let expected: Double
    /// Of the share being no larger than the reference's.
    let pValue: Double
    let test: String

    var effect: Double { share - expected }

    /// Rows of a kind that the reference has, too: Fisher's exact test, or χ² of many rows.
    init(_ count: Int, of rows: Int, reference: Int, of referenceRows: Int) {
        self.count = count
        self.rows = rows
        share = rows > 0 ? Double(count) / Double(rows) : 0
        expected = referenceRows > 0 ? Double(reference) / Double(referenceRows) : 0
        test = "fisher_exact"
        guard share > expected, rows > 0, referenceRows > 0 else {
            pValue = 1
            return
        }
        pValue = CellTest([reference, referenceRows - reference], [count, rows - count]).pValue
    }

    /// Numbers beyond the least and the greatest of `referenceRows` numbers.
    ///
    /// Of n + m draws from one law any n are as likely to be the window's, so that its k greatest numbers are all greater
    /// than the m of the reference with probability n/(n + m) · (n − 1)/(n + m − 1) · … of k factors, whatever the law
    /// (of numbers with ties less). Both sides are tested, so the smaller probability is doubled.
    init(below: Int, above: Int, of rows: Int, referenceRows: Int) {
        count = below + above
        self.rows = rows
        share = rows > 0 ? Double(count) / Double(rows) : 0
        expected = referenceRows > 0 ? min(1, 2 / Double(referenceRows + 1)) : 0
        test = "extremes"
        guard count > 0, referenceRows > 0 else {
            pValue = 1
            return
        }
        let logs = [below, above].map { side in
            (0..<side).reduce(0.0) { sum, i in
                sum + log(Double(rows - i)) - log(Double(rows + referenceRows - i))
            }
        }
        pValue = min(1, 2 * exp(logs.min() ?? 0))
    }
}
