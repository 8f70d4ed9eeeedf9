import Incidents
import Statistics
import Wire

/// What `martlet drift` is asked to do.
struct DriftOrder: Sendable {
    enum Reference: Sendable {
        case files([String])
        /// A profile that was saved.
        case profile(String)
    }

    var reference: Reference
    var current: [String]
    /// The format of files whose names do not say it.
    var format: String?
    var columns = ColumnChoice()
    /// The column whose values are compared apart.
    var segment: String?
    var mode = DriftMode.martlet
    var limits = DriftLimits.standard
    /// Whether rows are compared as a whole, too.
    var isJoint = true

    init(reference: Reference, current: [String]) {
        self.reference = reference
        self.current = current
    }
}

/// Compares two tables.
struct DriftComparison: Sendable {
    private let work: TableWork
    private let progress: @Sendable (String) -> Void

    /// Values of a column that are compared apart, the commonest of both tables.
    static let segmentLimit = 20

    /// - Parameter progress: is told what goes on.
    init(_ work: TableWork, progress: @escaping @Sendable (String) -> Void = { _ in }) {
        self.work = work
        self.progress = progress
    }

    /// - Throws: `ProfilingError`, `TableError`, `CancellationError`.
    func report(_ order: DriftOrder) async throws -> DriftReport {
        let names: [String]
        switch order.reference {
        case .profile(let path): return try await report(order, savedAt: path)
        case .files(let files): names = files
        }
        let reference = try await work.open(DataFiles(names, format: order.format))
        let current = try await work.open(DataFiles(order.current, format: order.format))
        let chosen = try order.columns.chosen([reference.columns, current.columns])
        let pairs = Pairs(reference, current, chosen)
        let whole = try await slice(order, reference, current, pairs)
        let (segments, remarks) = try await segments(order, reference, current, pairs)
        return DriftReport(
            referenceTitle: reference.title, currentTitle: current.title, limits: order.limits, mode: order.mode,
            whole: whole, segments: segments, remarks: joint(whole, order) + remarks)
    }

    /// Compares with a profile that was saved.
    private func report(_ order: DriftOrder, savedAt path: String) async throws -> DriftReport {
        guard order.mode == .martlet, order.segment == nil else {
            throw ProfilingError.invalid(
                "A saved profile holds no values and no parts: --by and other modes need the reference itself.")
        }
        let saved = try ProfileFile(path: path).table
        let current = try await work.open(DataFiles(order.current, format: order.format))
        let chosen = try order.columns.chosen([saved.columns.map(\.column), current.columns])
        let reference = ProfiledTable(
            title: saved.title, rowCount: saved.rowCount,
            columns: saved.columns.filter { chosen.contains($0.column.name) })
        let kinds = Dictionary(reference.columns.map { ($0.column.name, $0.column.kind.compared) }) { first, _ in first
        }
        let after = try await work.profiler { [progress] done, all in progress("\(done) of \(all) columns") }
            .profile(current, current.columns.filter { chosen.contains($0.name) }, like: reference, kinds: kinds)
        let whole = SliceReport(reference: reference, current: after, order.limits)
        return DriftReport(
            referenceTitle: saved.title, currentTitle: current.title, limits: order.limits, mode: order.mode,
            whole: whole, segments: [], remarks: joint(whole, order))
    }

    private func joint(_ whole: SliceReport, _ order: DriftOrder) -> [Finding] {
        guard order.isJoint else { return [] }
        progress("rows as a whole")
        return [Finding.jointDrift(of: whole, order.limits)].compactMap(\.self)
    }

    /// The chosen columns of both tables, and as what each is compared.
    private struct Pairs: Sendable {
        let reference: [(column: DataColumn, kind: DataColumn.Kind)]
        let current: [DataColumn]

        init(_ reference: DataTable, _ current: DataTable, _ chosen: Set<String>) {
            self.reference = reference.columns.filter { chosen.contains($0.name) }.map { column in
                let other = current.column(column.name)?.kind
                return (column, column.kind == .empty ? other ?? .name : column.kind)
            }
            self.current = current.columns.filter { chosen.contains($0.name) }
        }
    }

    private func slice(
        _ order: DriftOrder, _ reference: DataTable, _ current: DataTable, _ pairs: Pairs,
        parts: (reference: TablePart, current: TablePart)? = nil
    ) async throws -> SliceReport {
        let title = parts.map { ", \($0.current.name)" } ?? ""
        let before = try await work.profiler { [progress] done, all in
            progress("reference\(title): \(done) of \(all) columns")
        }.reference(reference, pairs.reference, part: parts?.reference)
        let kinds = Dictionary(pairs.reference.map { ($0.column.name, $0.kind) }) { first, _ in first }
        let after = try await work.profiler { [progress] done, all in
            progress("current\(title): \(done) of \(all) columns")
        }.profile(current, pairs.current, like: before, kinds: kinds, part: parts?.current)
        let slice = parts.map { TrafficSlice(segment: $0.current.name) } ?? .whole
        let report = SliceReport(reference: before, current: after, slice: slice, order.limits)
        guard order.mode != .martlet else { return report }
        var findings: [String: Finding] = [:]
        for column in report.columns {
            let profiler = work.profiler { _, _ in }
            let kind = column.kind
            progress("\(column.name)\(title), all values")
            guard
                let former = try await profiler.raw(
                    column.reference.column, of: reference, as: kind, part: parts?.reference),
                let values = try await profiler.raw(column.current.column, of: current, as: kind, part: parts?.current)
            else { continue }
            findings[column.name] = .drift(of: column.name, former, values, by: order.mode, in: slice)
        }
        return report.replacing(findings)
    }

    private func segments(
        _ order: DriftOrder, _ reference: DataTable, _ current: DataTable, _ pairs: Pairs
    ) async throws -> ([SliceReport], [Finding]) {
        guard let column = order.segment else { return ([], []) }
        for table in [reference, current] where table.column(column) == nil {
            let some = table.columns.prefix(20).map { "'\($0.name)'" }.joined(separator: ", ")
            throw ProfilingError.invalid(
                "\(table.title) has no column '\(column)' to take apart by.", hint: "It has \(some).")
        }
        let before = try await work.parts(of: reference, by: column)
        let after = try await work.parts(of: current, by: column)
        let known = Dictionary(before.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let both = after.compactMap { part in known[part.name].map { (reference: $0, current: part) } }
        var remarks: [Finding] = []
        let left = both.count - Self.segmentLimit
        if left > 0 {
            remarks.append(
                .remark(
                    "segments_left_out", current.rowCount, reference.rowCount,
                    "\(left) of the values of \(column) are not compared apart, only the \(Self.segmentLimit) commonest."
                ))
        }
        let apart = Set(before.map(\.name)).symmetricDifference(after.map(\.name)).count
        if apart > 0 {
            remarks.append(
                .remark(
                    "segments_in_one_table", current.rowCount, reference.rowCount,
                    "\(apart.counted("value")) of \(column) \(apart == 1 ? "is" : "are") in one of the tables only."))
        }
        var segments: [SliceReport] = []
        for parts in both.prefix(Self.segmentLimit) {
            segments.append(try await slice(order, reference, current, pairs, parts: parts))
        }
        return (segments, remarks)
    }
}

extension Finding {
    static func remark(_ code: String, _ rows: Int, _ referenceRows: Int, _ words: String) -> Finding {
        Finding(
            .quality, code, verdict: .notable, measure: "rows", rows: rows, referenceRows: referenceRows, words: words)
    }
}
