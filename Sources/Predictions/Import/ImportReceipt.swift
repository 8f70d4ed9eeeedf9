package import Wire

/// What became of predictions that were sent together.
struct ImportReceipt: Sendable, Hashable, JSONRepresentable {
    var accepted = 0
    /// Those that were here before.
    var duplicates = 0
    /// Of the accepted ones, those that came more than a day after their moment.
    var late = 0
    /// How many lines were not taken.
    private(set) var refusedCount = 0
    /// The first of them.
    private(set) var refused: [RefusedLine] = []

    /// So many refused lines are listed; a file whose columns are mixed up has millions.
    static let maximumListed = 100

    mutating func refuse(_ line: RefusedLine) {
        refusedCount += 1
        if refused.count < Self.maximumListed { refused.append(line) }
    }

    static func += (sum: inout ImportReceipt, more: ImportReceipt) {
        sum.accepted += more.accepted
        sum.duplicates += more.duplicates
        sum.late += more.late
        sum.refusedCount += more.refusedCount
        sum.refused += more.refused.prefix(maximumListed - sum.refused.count)
    }

    /// Whether lines came, and none of them was taken or here before.
    var isRefusal: Bool { refusedCount > 0 && accepted == 0 && duplicates == 0 }

    package var json: JSON {
        [
            "accepted": .integer(Int64(accepted)), "duplicates": .integer(Int64(duplicates)),
            "late": .integer(Int64(late)), "refused": .integer(Int64(refusedCount)),
            "refused_lines": .array(refused.sorted { $0.line < $1.line }.map(\.json)),
        ]
    }
}
