import Incidents

/// Whether rows and reference can be tables of the same model at all.
enum TableShape {
    static func findings(_ view: WindowView, _ reference: Reference?) -> [Finding] {
        [overflow(view), reference.flatMap { foreign($0, view) }].compactMap(\.self)
    }

    /// Rows whose last columns are looked at by nobody.
    private static func overflow(_ view: WindowView) -> Finding? {
        let lost = min(view.record.overflow, view.rows)
        guard lost > 0 else { return nil }
        return Finding(
            .quality, "too_many_columns", in: view.slice, verdict: .notable, value: Double(lost),
            limit: Double(WindowRecord.columnLimit), measure: "rows", rows: view.rows,
            words: "\(lost) of \(view.rows) rows have columns beyond the \(WindowRecord.columnLimit) that are watched.")
    }

    /// A reference that has inputs, and none of those that come, is of another model: nothing is compared with it.
    static func foreign(_ reference: Reference, _ view: WindowView) -> Finding? {
        let inputs = view.columns.filter { $0.role == .input }.map(\.name)
        let known = Set(reference.columns.filter { $0.role == .input }.map(\.name))
        guard !inputs.isEmpty, !known.isEmpty, known.isDisjoint(with: inputs) else { return nil }
        let examples = known.sorted().prefix(3).joined(separator: ", ")
        return Finding(
            .quality, "foreign_reference", in: view.slice, verdict: .notable, value: 0,
            expected: Double(known.count), measure: "columns", rows: view.rows, referenceRows: reference.rows,
            words:
                "The reference has none of the \(inputs.count) columns that come; it has \(examples) and is of another "
                + "model.")
    }
}
