package import Database

// Tags and params of many owners at once. The tables all have the columns owner, key and value.

extension Reader {
    /// The tags of some owners, by key.
    package func tags<Owner: SQLValueConvertible & Hashable>(
        of owners: [Owner], table: SQL, owner: SQL
    ) throws -> [Owner: [Tag]] {
        try grouped(owners, table: table, owner: owner) { Tag(key: $0, value: $1) }
    }

    func params(of owners: [String], table: SQL, owner: SQL) throws -> [String: [Param]] {
        try grouped(owners, table: table, owner: owner) { Param(key: $0, value: $1) }
    }

    private func grouped<Owner: SQLValueConvertible & Hashable, Value>(
        _ owners: [Owner], table: SQL, owner: SQL, _ make: (String, String) -> Value
    ) throws -> [Owner: [Value]] {
        var groups: [Owner: [Value]] = [:]
        try forEachRow(of: owners) { owners in
            "SELECT \(owner), key, value FROM \(table) WHERE \(owner) IN \(list: owners) ORDER BY \(owner), key"
        } _: { row in
            groups[try row.get(0), default: []].append(make(try row.get(1), try row.get(2)))
        }
        return groups
    }

    /// Asks for many owners in portions, because engines limit how many values a statement binds.
    package func forEachRow<Owner>(
        of owners: [Owner], _ sql: (ArraySlice<Owner>) -> SQL, _ body: (Row) throws -> Void
    ) throws {
        var rest = owners[...]
        while !rest.isEmpty {
            try forEachRow(sql(rest.prefix(512)), body)
            rest = rest.dropFirst(512)
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on the value of a tag or param in a table of owner, key and value. A missing key satisfies only
    /// IS NULL.
    /// - Parameter link: how a row `t` of the table belongs to its owner.
    package func sql(onTagIn table: SQL, where link: SQL) -> SQL {
        let found: SQL = "SELECT 1 FROM \(table) t WHERE \(link) AND t.key = \(field.key)"
        return switch comparison {
        case .isNull: "NOT \(SQL.exists(found))"
        case .isNotNull: .exists(found)
        default: .exists("\(found) AND \(sql(on: "t.value"))")
        }
    }
}
