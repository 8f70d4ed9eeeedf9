import OrderedCollections
package import Wire

/// Makes a batch of the rows that a request sends: puts the columns into the signature's order, drops those that the
/// model does not know, and holds every cell to its type.
package struct BatchBuilder {
    private var columns: [ColumnBuilder]
    /// For each position of a sent row, which column it fills; nil for one that is dropped.
    private let targets: [Int?]
    private var rowCount = 0

    /// - Parameters:
    ///   - columns: the model's signature.
    ///   - sent: the names of the cells of a row; nil when rows have no names, which only position then tells apart.
    /// - Throws: `RuntimeError` that names the columns that are missing or come twice.
    package init(columns: [ColumnSpec], sent: [String]?) throws {
        let isNamed = columns.contains { $0.name != nil }
        guard isNamed, let sent else {
            self.columns = columns.enumerated().map { ColumnBuilder(name: $1.name ?? String($0), type: $1.type) }
            // As MLflow does, what stands behind the last column is dropped.
            targets = (0..<(sent?.count ?? columns.count)).map { $0 < columns.count ? $0 : nil }
            if let sent { try Self.requireCount(of: columns, sent: sent.count) }
            return
        }
        if let twice = Dictionary(grouping: sent, by: \.self).first(where: { $1.count > 1 })?.key {
            throw RuntimeError.invalidInput("Column '\(twice)' is sent twice.")
        }
        let names = Set(sent)
        let missing = columns.filter { $0.isRequired && !names.contains($0.name ?? "") }
        guard missing.isEmpty else { throw Self.missing(missing, sent: sent) }
        let present = columns.filter { names.contains($0.name ?? "") }
        let position = Dictionary(
            uniqueKeysWithValues: present.enumerated().map { index, column in (column.name ?? "", index) })
        self.columns = present.map { ColumnBuilder(name: $0.name ?? "", type: $0.type) }
        targets = sent.map { position[$0] }
    }

    /// Adds a row whose cells stand in the order of the names that were sent.
    package mutating func append(row: [JSON]) throws {
        guard row.count == targets.count else {
            throw RuntimeError(
                .badRequest, "Row \(rowCount) has \(row.count) values for \(targets.count) columns.")
        }
        for position in row.indices { try append(row[position], position: position) }
        endRow()
    }

    /// Adds one cell of the row under way. Each position must come once before `endRow`.
    package mutating func append(_ cell: JSON, position: Int) throws {
        guard let target = targets[position] else { return }
        try columns[target].append(cell, row: rowCount)
    }

    package mutating func endRow() {
        rowCount += 1
    }

    /// How many cells a row has.
    package var width: Int { targets.count }

    package var batch: Batch {
        Batch(rowCount: rowCount, columns: columns.map(\.column))
    }

    private static func requireCount(of columns: [ColumnSpec], sent: Int) throws {
        guard sent >= columns.count else {
            throw RuntimeError.invalidInput("The model takes \(columns.count) columns; the request has \(sent).")
        }
    }

    private static func missing(_ missing: [ColumnSpec], sent: [String]) -> RuntimeError {
        let names = missing.prefix(20).map { "'\($0.name ?? "")'" }.joined(separator: ", ")
        let rest = missing.count > 20 ? " and \(missing.count - 20) more" : ""
        let some = sent.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
        return .invalidInput(
            "The model needs the column\(missing.count == 1 ? "" : "s") \(names)\(rest), which the request lacks.",
            hint: "It sends \(sent.isEmpty ? "no columns" : some).")
    }
}

extension Batch {
    /// Makes a batch of records, each with its own members. A member that only some records have is null in the others.
    /// - Throws: `RuntimeError` that names the column, and the row where it is one.
    package init(records: [JSON.Object], columns: [ColumnSpec]) throws {
        var sent: JSON.Object = [:]
        for record in records {
            for key in record.keys where sent[key] == nil { sent[key] = .null }
        }
        let names = Array(sent.keys)
        var builder = try BatchBuilder(columns: columns, sent: records.isEmpty ? columns.map { $0.name ?? "" } : names)
        for record in records {
            for (position, name) in names.enumerated() {
                try builder.append(record[name] ?? .null, position: position)
            }
            builder.endRow()
        }
        self = builder.batch
    }

    /// Makes a batch of whole columns.
    /// - Throws: `RuntimeError` when they differ in length, or name a column and row.
    package init(columns sent: [(name: String, cells: [JSON])], signature: [ColumnSpec]) throws {
        let rowCount = sent.first?.cells.count ?? 0
        if let odd = sent.first(where: { $0.cells.count != rowCount }) {
            throw RuntimeError.invalidInput(
                "Column '\(odd.name)' has \(odd.cells.count) values where '\(sent[0].name)' has \(rowCount).")
        }
        var builder = try BatchBuilder(columns: signature, sent: sent.map(\.name))
        for row in 0..<rowCount {
            for (position, column) in sent.enumerated() { try builder.append(column.cells[row], position: position) }
            builder.endRow()
        }
        self = builder.batch
    }
}
