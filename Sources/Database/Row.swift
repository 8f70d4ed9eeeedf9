import Wire

/// One row of a result; columns are read by position, in the order of the SELECT.
package struct Row: Sendable, Hashable {
    package let values: [SQLValue]

    package init(values: [SQLValue]) {
        self.values = values
    }

    /// The column as the type that the context asks for.
    /// - Throws: `DatabaseError` when there is no such column or it holds another type: the schema and the code disagree.
    package func get<Value: SQLValueConvertible>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
        guard values.indices.contains(index) else {
            throw DatabaseError(.internalError, "Column \(index) was read from a row of \(values.count)")
        }
        guard let value = Value(sqlValue: values[index]) else {
            throw DatabaseError(.internalError, "Column \(index) holds \(values[index]), not a \(Value.self)")
        }
        return value
    }
}

/// A value made from one row.
package protocol RowDecodable {
    init(row: Row) throws
}
