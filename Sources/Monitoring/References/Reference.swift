package import Statistics
package import Wire

/// What the traffic of one model version is compared with: the profiles of the rows it was trained on.
package struct Reference: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package let name: String
        package let profile: ColumnProfile
    }

    package let model: String
    package let version: Int
    /// The context under which the run logged the dataset, such as `training`.
    package let context: String
    /// The run whose dataset it is.
    package let runID: String
    package let rows: Int
    package let columns: [Column]
    package let madeAt: Timestamp

    package init(
        model: String, version: Int, context: String, runID: String, rows: Int, columns: [Column], madeAt: Timestamp
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
        of table: TrainingTable, model: String, version: Int, context: String, runID: String, at madeAt: Timestamp
    ) {
        let columns = table.columns.map { column in
            Column(
                name: column.name,
                profile: ColumnProfile(column.values, anchors: ColumnAnchors(reference: column.values)))
        }
        self.init(
            model: model, version: version, context: context, runID: runID, rows: table.rows, columns: columns,
            madeAt: madeAt)
    }
}

extension Reference: JSONRepresentable {
    package var json: JSON {
        [
            "model": .string(model), "version": .integer(Int64(version)), "context": .string(context),
            "run_id": .string(runID), "rows": .integer(Int64(rows)), "made": madeAt.json,
            "columns": .strings(columns.map(\.name)),
        ]
    }
}
