import Incidents
import Statistics
import Wire

/// Two tables, or the same part of both, column by column.
struct SliceReport: Sendable {
    let slice: TrafficSlice
    let referenceRows: Int
    let currentRows: Int
    /// The most drifted first.
    let columns: [ColumnComparison]
    /// Columns that only one table has, that changed their type, or that are not compared.
    let schema: [Finding]

    /// - Parameters:
    ///   - reference: with the columns that were asked for.
    ///   - current: the same of the other table, with profiles by the reference's anchors.
    init(
        reference: ProfiledTable, current: ProfiledTable, slice: TrafficSlice = .whole, _ limits: DriftLimits
    ) {
        self.slice = slice
        referenceRows = reference.rowCount
        currentRows = current.rowCount
        var pairs: [(reference: ProfiledColumn, current: ProfiledColumn, drift: ColumnDrift)] = []
        var schema: [Finding] = []
        let rows = (reference.rowCount, current.rowCount)
        for column in reference.columns {
            let name = column.column.name
            guard let other = current.column(name) else {
                schema.append(.schema("column_vanished", name, .bad, rows, "\(name) is not in the current table."))
                continue
            }
            schema += Self.types(column.column, other.column, slice, rows)
            guard let before = column.profile, let after = other.profile else {
                let type = column.profile == nil ? column.column.type : other.column.type
                schema.append(
                    .notCompared(
                        name, in: slice, because: "its values are \(type)", rows: rows.1, referenceRows: rows.0))
                continue
            }
            guard !before.isKey else {
                let reason = "more than half of its rows have a name of their own, as keys and free text do"
                schema.append(.notCompared(name, in: slice, because: reason, rows: rows.1, referenceRows: rows.0))
                continue
            }
            pairs.append((column, other, ColumnDrift(reference: before, window: after)))
        }
        for column in current.columns where reference.column(column.column.name) == nil {
            let name = column.column.name
            schema.append(.schema("column_appeared", name, .notable, rows, "\(name) is not in the reference."))
        }
        if rows.0 == 0 { schema.append(.schema("no_rows", nil, .unknown, rows, "The reference has no rows.")) }
        if rows.1 == 0 { schema.append(.schema("no_rows", nil, .unknown, rows, "The current table has no rows.")) }
        let adjusted = MultipleTesting.benjaminiHochberg(pairs.map(\.drift.pValue))
        let comparisons = zip(pairs, adjusted).map { pair, adjusted in
            let name = pair.reference.column.name
            let quality = pair.reference.profile.flatMap { before in
                pair.current.profile.map { QualityFindings.of(name, before, $0, in: slice) }
            }
            return ColumnComparison(
                name: name, reference: pair.reference, current: pair.current,
                drift: .drift(of: name, pair.drift, in: slice, limits, adjusted: adjusted), quality: quality ?? [])
        }
        columns = comparisons.sorted { Self.weight($0.drift) > Self.weight($1.drift) }
        self.schema = schema
    }

    /// Drifting columns first, then by effect.
    private static func weight(_ finding: Finding) -> Double {
        (finding.verdict == .bad ? 2 : 0) + (finding.value ?? -1)
    }

    private static func types(
        _ before: DataColumn, _ after: DataColumn, _ slice: TrafficSlice, _ rows: (Int, Int)
    ) -> [Finding] {
        var found: [Finding] = []
        if before.kind != after.kind, before.kind != .empty, after.kind != .empty {
            found.append(
                .schema(
                    "type_changed", before.name, .bad, rows,
                    "\(before.name) was \(before.kind.words) (\(before.type)) and is \(after.kind.words) (\(after.type))."
                ))
        }
        for (column, table) in [(before, "the reference"), (after, "the current table")] where column.oddValues > 0 {
            found.append(
                .schema(
                    "odd_values", column.name, .notable, rows,
                    "\(column.oddValues.counted("value")) of \(column.name) in \(table) are no numbers, as all others are."
                ))
        }
        return found
    }

    /// The same with other findings about the distributions of columns, by name.
    func replacing(_ drift: [String: Finding]) -> SliceReport {
        let replaced = columns.map { column in
            ColumnComparison(
                name: column.name, reference: column.reference, current: column.current,
                drift: drift[column.name] ?? column.drift, quality: column.quality)
        }
        return SliceReport(
            slice: slice, referenceRows: referenceRows, currentRows: currentRows,
            columns: replaced.sorted { Self.weight($0.drift) > Self.weight($1.drift) }, schema: schema)
    }

    private init(
        slice: TrafficSlice, referenceRows: Int, currentRows: Int, columns: [ColumnComparison], schema: [Finding]
    ) {
        self.slice = slice
        self.referenceRows = referenceRows
        self.currentRows = currentRows
        self.columns = columns
        self.schema = schema
    }

    /// All that was found.
    var findings: [Finding] {
        schema + columns.flatMap { [$0.drift] + $0.quality }
    }

    var driftingColumns: Int {
        columns.count { $0.drift.verdict == .bad }
    }
}

extension DataColumn.Kind {
    var words: String {
        switch self {
        case .number: "numbers"
        case .time: "times"
        case .name: "names"
        case .empty: "no values"
        case .other: "other values"
        }
    }
}

extension Finding {
    fileprivate static func schema(
        _ code: String, _ name: String?, _ verdict: Verdict, _ rows: (Int, Int), _ words: String
    ) -> Finding {
        Finding(
            .quality, code, of: name, verdict: verdict, measure: "rows", rows: rows.1, referenceRows: rows.0,
            words: words)
    }
}
