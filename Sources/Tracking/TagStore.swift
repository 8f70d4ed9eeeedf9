package import Database

// Tags and params of many owners at once. The tables all have the columns owner, key and value.

extension Reader {
    /// The tags of some owners, by key; at each owner's place.
    /// - Parameter most: of each owner no more are read; all when nil.
    package func tags(
        of owners: [some SQLValueConvertible], table: SQL, owner: SQL, most: Int? = nil
    ) throws -> [[Tag]] {
        try lists(.pairs(in: table, of: owner).first(most), of: owners) {
            Tag(key: try $0.get(0), value: try $0.get(1))
        }
    }

    /// The params of some owners, by key; at each owner's place.
    func params(of owners: [String], table: SQL, owner: SQL, most: Int? = nil) throws -> [[Param]] {
        try lists(.pairs(in: table, of: owner).first(most), of: owners) {
            Param(key: try $0.get(0), value: try $0.get(1))
        }
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

extension OwnedRows {
    fileprivate static func pairs(in table: SQL, of owner: SQL) -> OwnedRows {
        OwnedRows("key, value", from: table, owner: owner, orderedBy: "key")
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
