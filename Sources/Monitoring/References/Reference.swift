package import Statistics
package import Wire

/// What the traffic of one model version is compared with: the profiles of the rows it was trained on, or of others that were
/// chosen instead.
package struct Reference: Sendable, Equatable {
    /// Whether a column goes into the model or comes out of it.
    package enum Role: String, Sendable, Hashable {
        case input, output
    }

    package struct Column: Sendable, Equatable {
        package let name: String
        package let role: Role
        package let profile: ColumnProfile

        package init(name: String, role: Role = .input, profile: ColumnProfile) {
            self.name = name
            self.role = role
            self.profile = profile
        }

        /// Inputs and outputs may share a name.
        package struct Key: Sendable, Hashable {
            package let name: String
            package let role: Reference.Role
        }

        package var key: Key { Key(name: name, role: role) }
    }

    package let model: String
    package let version: Int
    /// The context under which the run logged the dataset, such as `training`; of other rows what chose them
    /// (`ReferenceChoice.key`).
    package let context: String
    /// The run whose dataset it is; nil when it is none.
    package let runID: String?
    package let rows: Int
    package let columns: [Column]
    package let madeAt: Timestamp
    /// What came before is of another model, which was registered as this version then; nil when there was none.
    package var since: Timestamp?
    /// Some of its rows, and after them those of what completes it.
    package var samples: [ReferenceSample] = []
    /// When its rows came, if windows hold them.
    var times: ClosedRange<Timestamp>?
    /// How many inputs its rows have; nil for a table, whose columns need not all be inputs.
    package var widths: RowWidths?

    package init(
        model: String, version: Int, context: String, runID: String?, rows: Int, columns: [Column], madeAt: Timestamp
    ) {
        self.model = model
        self.version = version
        self.context = context
        self.runID = runID
        self.rows = rows
        self.columns = columns
        self.madeAt = madeAt
    }

    /// Profiles a table, anchoring each column in its own values.
    package init(
        of table: TrainingTable, model: String, version: Int, context: String, runID: String?, at madeAt: Timestamp
    ) {
        let columns = table.columns.map { column in
            Column(
                name: column.name, role: column.role,
                profile: ColumnProfile(column.values, anchors: ColumnAnchors(reference: column.values)))
        }
        self.init(
            model: model, version: version, context: context, runID: runID, rows: table.rows, columns: columns,
            madeAt: madeAt)
        samples = [ReferenceSample(of: table)]
    }

    /// The rows that were counted into a record.
    init(
        of record: WindowRecord, model: String, version: Int, context: String, at madeAt: Timestamp
    ) {
        func columns(_ columns: WindowRecord.Columns, _ role: Role) -> [Column] {
            columns.compactMap { name, column in
                record.profile(column).map { Column(name: name, role: role, profile: $0) }
            }
        }
        self.init(
            model: model, version: version, context: context, runID: nil, rows: record.keptRows,
            columns: columns(record.inputs, .input) + columns(record.outputs, .output), madeAt: madeAt)
        samples = [ReferenceSample(record.sample)]
        widths = record.widths
        times = record.times
    }

    /// Whether a window may hold none of its rows.
    func isApart(from window: TrafficWindow) -> Bool {
        times.map { window.end < $0.lowerBound || window.start > $0.upperBound } ?? true
    }

    /// What its columns are sorted into.
    var anchors: WindowAnchors {
        func anchors(_ role: Role) -> [String: ColumnAnchors] {
            Dictionary(columns.filter { $0.role == role }.map { ($0.name, $0.profile.anchors) }) { first, _ in first }
        }
        return WindowAnchors(inputs: anchors(.input), outputs: anchors(.output))
    }

    /// With the columns of `other` that this one lacks. The outputs of a model are never in what it was trained on.
    func completed(by other: Reference?) -> Reference {
        guard let other else { return self }
        let known = Set(columns.map(\.key))
        let outputs = other.columns.filter { $0.role == .output && !known.contains($0.key) }
        var whole = Reference(
            model: model, version: version, context: context, runID: runID, rows: rows, columns: columns + outputs,
            madeAt: madeAt)
        whole.samples = samples + other.samples
        whole.widths = widths ?? other.widths
        return whole
    }

    /// The values of the columns in the sampled rows, in their order; of several samples the first that has a column counts.
    var sampledColumns: [Column.Key: [ColumnValue?]] {
        samples.reduce(into: [:]) { columns, sample in columns.merge(sample.columns) { first, _ in first } }
    }
}

extension Reference: JSONRepresentable {
    package var json: JSON {
        .compact([
            "model": .string(model), "version": .integer(Int64(version)), "context": .string(context),
            "run_id": runID.map(JSON.string), "rows": .integer(Int64(rows)), "made": madeAt.json,
            "columns": .strings(columns.map(\.name)),
        ])
    }
}
