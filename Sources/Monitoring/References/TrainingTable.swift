package import Statistics
package import Wire

/// A table as pandas' split form spells it, column by column: `{"columns": […], "data": [[…], …]}`, what
/// `mlflow.log_table` writes.
package struct TrainingTable: Sendable {
    package struct Column: Sendable {
        package let name: String
        package var role = Reference.Role.input
        package var values: [ColumnValue]
    }

    package let columns: [Column]
    package let rows: Int

    package init(columns: [Column], rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// - Throws: `MonitorError` when the JSON has another form or rows of another length.
    package init(json: JSON) throws {
        guard let names = json["columns"]?.arrayValue, let data = json["data"]?.arrayValue else {
            throw MonitorError(
                .invalidParameterValue, "The table is not in pandas' split form (columns, data).",
                hint: "Log it with mlflow.log_table(frame, \"data/training.json\").")
        }
        var values = [[ColumnValue]](repeating: [], count: names.count)
        for index in values.indices { values[index].reserveCapacity(data.count) }
        for (number, row) in data.enumerated() {
            guard let cells = row.arrayValue, cells.count == names.count else {
                throw MonitorError(
                    .invalidParameterValue, "Row \(number) of the table does not have \(names.count) cells.")
            }
            for (index, cell) in cells.enumerated() { values[index].append(ColumnValue(cell)) }
        }
        columns = zip(names, values).map { Column(name: $0.stringValue ?? $0.text, values: $1) }
        rows = data.count
    }
}
