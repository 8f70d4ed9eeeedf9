// What rows mean to who reads them.

extension Reader {
    package func rows(_ sql: SQL) throws -> [Row] {
        var rows: [Row] = []
        try forEachRow(sql) { rows.append($0) }
        return rows
    }

    package func rows<Value: RowDecodable>(_ sql: SQL, as type: Value.Type = Value.self) throws -> [Value] {
        var values: [Value] = []
        try forEachRow(sql) { values.append(try Value(row: $0)) }
        return values
    }

    /// The first row, if there is one. The statement should have a LIMIT or a unique key.
    package func row(_ sql: SQL) throws -> Row? {
        try rows(sql).first
    }

    package func row<Value: RowDecodable>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
        try row(sql).map(Value.init(row:))
    }

    /// The first column of the first row.
    package func value<Value: SQLValueConvertible>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
        try row(sql).map { try $0.get(0) }
    }

    /// The first column of every row.
    package func values<Value: SQLValueConvertible>(_ sql: SQL, as type: Value.Type = Value.self) throws -> [Value] {
        var values: [Value] = []
        try forEachRow(sql) { values.append(try $0.get(0)) }
        return values
    }

    /// Hands over the rows of each owner, with the owner's place among `owners`, in the way that is fastest for the engine.
    @inlinable
    package func forEachRow(
        _ rows: OwnedRows, of owners: [some SQLValueConvertible], _ body: (Int, Row) throws -> Void
    ) throws {
        try forEachRow(rows, ownedBy: owners.map { $0.sqlValue }, body)
    }

    /// What the rows of each owner say, at the owner's place among `owners`.
    @inlinable
    package func lists<Value>(
        _ rows: OwnedRows, of owners: [some SQLValueConvertible], _ make: (Row) throws -> Value
    ) throws -> [[Value]] {
        var lists: [[Value]] = Array(repeating: [], count: owners.count)
        try forEachRow(rows, of: owners) { lists[$0].append(try make($1)) }
        return lists
    }
}
