import Wire

/// One row of a result; columns are read by position, in the order of the SELECT.
@usableFromInline
package struct Row: Sendable, Hashable {
    @usableFromInline package internal(set) var values: [SQLValue]

    package init(values: [SQLValue]) {
        self.values = values
    }

    /// The column as the type that the context asks for.
    /// - Throws: `DatabaseError` when there is no such column or it holds another type: the schema and the code disagree.
    @inlinable
    package func get<Value: SQLValueConvertible>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
        guard values.indices.contains(index), let value = Value(sqlValue: values[index]) else {
            throw mismatch(at: index, "\(Value.self)")
        }
        return value
    }

    @usableFromInline
    func mismatch(at index: Int, _ type: String) -> any Error {
        guard values.indices.contains(index) else {
            return DatabaseError(.internalError, "Column \(index) was read from a row of \(values.count)")
        }
        return DatabaseError(.internalError, "Column \(index) holds \(values[index]), not a \(type)")
    }
}

/// A value made from one row.
package protocol RowDecodable {
    init(row: Row) throws
}
