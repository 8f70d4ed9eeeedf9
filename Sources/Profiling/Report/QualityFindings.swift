import Incidents
import Statistics
import Wire

/// What is found in a column beside its distribution: what is missing, new, or out of place.
struct QualityFindings: Sendable {
    /// A share of rows that a check counts, and how much more of it than in the reference is still no trouble: the limits
    /// that monitors have by default.
    private struct Check: Sendable {
        let code: String
        let words: String
        let limit: Double
        let count: @Sendable (ColumnProfile) -> Int
    }

    private static let checks = [
        Check(code: "missing", words: "missing", limit: 0.05) { $0.missing },
        Check(code: "nan", words: "NaN", limit: 0.01) { $0.numeric?.notANumber ?? 0 },
        Check(code: "infinite", words: "infinite", limit: 0.001) { $0.infinities },
        Check(code: "type", words: "no numbers", limit: 0.01) { $0.mismatched },
        Check(code: "range", words: "beyond the least and the greatest of the reference", limit: 0.05) {
            $0.outOfRange
        },
        Check(code: "unseen", words: "names that the reference does not list", limit: 0.01) {
            $0.categorical?.other ?? 0
        },
    ]

    /// - Parameter slice: the rows that both profiles are of.
    static func of(
        _ name: String, _ reference: ColumnProfile, _ current: ColumnProfile, in slice: TrafficSlice
    ) -> [Finding] {
        var found: [Finding] = []
        for check in checks where current.rows > 0 {
            let share = Double(check.count(current)) / Double(current.rows)
            let former = reference.rows > 0 ? Double(check.count(reference)) / Double(reference.rows) : 0
            guard share > former else { continue }
            let isNotable = share > former + check.limit
            guard isNotable || check.code == "infinite" else { continue }
            found.append(
                Finding(
                    .quality, check.code, of: name, in: slice, verdict: isNotable ? .notable : .fine, value: share,
                    expected: former, limit: former + check.limit, measure: "share", rows: current.rows,
                    referenceRows: reference.rows,
                    words: "\(share.percent) of \(name) are \(check.words), \(former.percent) in the reference."))
        }
        return found + states(name, reference, current, in: slice)
    }

    /// Columns that say nothing: without any value, or with one value alone.
    private static func states(
        _ name: String, _ reference: ColumnProfile, _ current: ColumnProfile, in slice: TrafficSlice
    ) -> [Finding] {
        var found: [Finding] = []
        func add(_ code: String, _ verdict: Finding.Verdict, _ words: String) {
            found.append(
                Finding(
                    .quality, code, of: name, in: slice, verdict: verdict, measure: "rows", rows: current.rows,
                    referenceRows: reference.rows, words: words))
        }
        switch (reference.hasNoValue, current.hasNoValue) {
        case (true, true): add("all_missing", .fine, "\(name) has no value in either table.")
        case (true, false):
            add("reference_all_missing", .notable, "\(name) has no value in the reference, and values now.")
        case (false, true): add("all_missing", .bad, "\(name) has no value any more.")
        case (false, false):
            if current.isConstant, reference.isConstant {
                add("constant", .fine, "\(name) has one value in all rows of both tables, or of each.")
            } else if current.isConstant, current.rows > 1 {
                add("constant", .notable, "\(name) has one value in all rows now, and had several.")
            }
        }
        return found
    }
}

extension ColumnProfile {
    var infinities: Int {
        numeric.map { $0.negativeInfinities + $0.positiveInfinities } ?? 0
    }

    /// Finite numbers that the reference's range does not reach.
    fileprivate var outOfRange: Int {
        guard let numeric, let first = numeric.counts.first, let last = numeric.counts.last, numeric.counts.count > 1
        else { return 0 }
        return max(0, first + last - infinities)
    }

    /// Whether there are rows and none of them has a value.
    var hasNoValue: Bool { rows > 0 && missing == rows }

    /// Whether names hardly ever come twice, so that there is no distribution to compare.
    var isKey: Bool {
        guard let categorical, rows >= 100 else { return false }
        return categorical.distinct > Double(rows - missing) / 2
    }

    /// Whether all values are the same one.
    var isConstant: Bool {
        guard rows > 0, unusable == 0, infinities == 0 else { return false }
        switch content {
        case .numeric(let profile): return profile.minimum != nil && profile.minimum == profile.maximum
        case .categorical(let profile):
            return profile.distinct == 1
        }
    }
}
