import Statistics
import Wire

/// What is shown of one column of one table.
struct ColumnFacts: Sendable {
    let rows: Int
    let missing: Int
    /// NaN and texts among numbers.
    let unusable: Int
    let infinities: Int
    let mean: Double?
    let deviation: Double?
    let least: Double?
    let greatest: Double?
    /// How many different values there are: an estimate above `DistinctCount.exactLimit`.
    let distinct: Double
    /// The 25 %, 50 % and 75 % quantiles of numbers, within 1 %; empty without any.
    let quartiles: [Double]
    /// The commonest names with their rows; data of the user.
    let commonest: [(name: String, count: Int)]

    private static let nameLimit = 5

    init(_ profile: ColumnProfile) {
        rows = profile.rows
        missing = profile.missing
        unusable = profile.unusable - profile.missing
        infinities = profile.infinities
        let moments = profile.numeric?.moments
        mean = moments.flatMap { $0.count > 0 && $0.mean.isFinite ? $0.mean : nil }
        let deviation = moments?.sampleDeviation ?? .nan
        self.deviation = deviation.isFinite ? deviation : nil
        least = profile.numeric?.minimum
        greatest = profile.numeric?.maximum
        distinct = profile.numeric?.distinct.estimate ?? profile.categorical?.distinct ?? 0
        let ranks = [0.25, 0.5, 0.75]
        quartiles = profile.numeric.map { numeric in ranks.compactMap(numeric.quantile) } ?? []
        commonest = profile.categorical?.commonest(Self.nameLimit) ?? []
    }

    var missingShare: Double { rows > 0 ? Double(missing) / Double(rows) : 0 }

    /// - Parameter names: how names of the column are shown.
    func json(_ names: NameDisplay) -> JSON {
        .compact([
            "rows": .integer(Int64(rows)), "missing": .integer(Int64(missing)),
            "unusable": .integer(Int64(unusable)), "infinite": .integer(Int64(infinities)),
            "mean": mean.map(JSON.double), "standard_deviation": deviation.map(JSON.double),
            "distinct": .integer(Int64(distinct.rounded())),
            "quartiles": quartiles.isEmpty ? nil : .array(quartiles.map(JSON.double)),
            "min": least.map(JSON.double), "max": greatest.map(JSON.double),
            "commonest": commonest.isEmpty
                ? nil
                : .array(
                    commonest.enumerated().map { index, entry in
                        ["name": .string(names.shown(entry.name, index)), "rows": .integer(Int64(entry.count))]
                    }),
        ])
    }
}

/// Whether reports show names that are values of columns.
enum NameDisplay: Sendable, Hashable {
    case shown, hidden

    /// A name, or its rank among those that are shown.
    func shown(_ name: String, _ index: Int) -> String {
        self == .shown ? name : "name \(index + 1)"
    }
}
