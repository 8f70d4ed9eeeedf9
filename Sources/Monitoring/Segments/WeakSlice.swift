package import Statistics
package import Wire

/// A part of a window's rows, found by search, that is worse or more frequent than the rest: by one or two conditions that
/// can be read, and written into a manifest as a segment.
package struct WeakSlice: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// The model's loss is higher there.
        case loss
        /// There are more such rows than in the reference.
        case growth
    }

    package let kind: Kind
    /// In the language of `SegmentCondition`.
    package let condition: String
    package let rows: Int
    package let allRows: Int
    /// Of the loss; of growth the share of rows that are the window's.
    package let mean: Double
    package let restMean: Double
    package let effect: Double
    package let pValue: Double
    package let adjustedPValue: Double

    package init(_ slice: SliceSearch.Slice, _ kind: Kind) {
        self.kind = kind
        condition = slice.conditions.map(Self.words).joined(separator: " AND ")
        rows = slice.loss.inside.count
        allRows = slice.loss.inside.count + slice.loss.outside.count
        mean = slice.loss.inside.mean
        restMean = slice.loss.outside.mean
        effect = slice.loss.effectSize.isFinite ? slice.loss.effectSize : Double.greatestFiniteMagnitude
        pValue = slice.pValue
        adjustedPValue = slice.adjustedPValue
    }

    private static func words(_ condition: SliceSearch.Condition) -> String {
        let column = SegmentCondition.quoted(column: condition.column)
        switch condition.condition {
        case .missing: return "\(column) IS NULL"
        case .equals(let text):
            return
                "\(column) = '\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
        case .between(let low, let high) where low == -.infinity: return "\(column) <= \(high)"
        case .between(let low, let high) where high == .infinity: return "\(column) > \(low)"
        case .between(let low, let high): return "\(column) > \(low) AND \(column) <= \(high)"
        case .other: return "\(column) IS NOT NULL"
        }
    }

    /// The slices of some rows, of the largest effect first.
    /// - Parameters:
    ///   - columns: by which rows are parted; one value a row.
    ///   - losses: finite, one a row.
    package static func search(
        _ columns: [(name: String, values: [ColumnValue])], losses: [Double], _ kind: Kind,
        by search: SliceSearch = SliceSearch()
    ) -> [WeakSlice] {
        let binned = columns.map { BinnedColumn($0.name, $0.values, bins: bins) }
        let codes = zip(binned, columns).map { column, source in source.values.map(column.code) }
        return search.slices(binned, codes: codes, losses: losses).map { WeakSlice($0, kind) }
    }

    /// Where rows stand out among those of the reference that they are held against.
    static func grown(_ rows: GrowthRows) -> [WeakSlice] {
        var search = SliceSearch()
        search.minimumEffect = 0.3
        search.maximumSlices = 5
        return search.grown(rows).map { WeakSlice($0, .growth) }
    }

    private static let bins = 6
}

extension SegmentCondition {
    /// A column's name as conditions spell it: between quotes unless it is a plain word.
    package static func quoted(column: String) -> String {
        let isWord =
            column.first.map { $0.isLetter || $0 == "_" } == true
            && column.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        let plain = isWord ? try? SegmentCondition("\(column) IS NULL") : nil
        guard plain == nil else { return column }
        return "\"\(column.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
}

extension WeakSlice: JSONRepresentable {
    package var json: JSON {
        [
            "kind": .string(kind.rawValue), "condition": .string(condition), "rows": .integer(Int64(rows)),
            "all_rows": .integer(Int64(allRows)), "mean": .double(mean), "rest_mean": .double(restMean),
            "effect": .double(effect), "p_value": .double(pValue), "adjusted_p_value": .double(adjustedPValue),
        ]
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a slice.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard let kind = Kind(rawValue: try fields.string("kind")) else { throw FieldProblem.missing("kind") }
        self.kind = kind
        condition = try fields.string("condition")
        rows = Int(try fields.integer("rows"))
        allRows = Int(try fields.integer("all_rows"))
        mean = try fields.double("mean")
        restMean = try fields.double("rest_mean")
        effect = try fields.double("effect")
        pValue = try fields.double("p_value")
        adjustedPValue = try fields.double("adjusted_p_value")
    }
}
