import Wire

/// Names of what is never written down. Where a value belongs that has such a name there is null.
///
/// A name means a column of a table, a tensor, a column of a matrix by its number, and in bodies that the server does not
/// take apart every member with that name, however deep, and the column of that name in MLflow's split form. In outputs it
/// means members likewise, because models hand inputs through. It does not mean text within a text.
package struct ColumnMask: Sendable, Hashable {
    /// Sorted.
    package let names: [String]
    private let set: Set<String>

    package init(_ names: some Sequence<String> = []) {
        set = Set(names)
        self.names = set.sorted()
    }

    package var isEmpty: Bool { names.isEmpty }

    package func hides(_ name: String) -> Bool {
        !set.isEmpty && set.contains(name)
    }

    /// The value with null in place of what is hidden.
    func applied(to json: JSON) -> JSON {
        if set.isEmpty { return json }
        switch json {
        case .array(let elements): return .array(elements.map(applied))
        case .object(let members):
            let hiddenPlaces = hiddenColumns(of: json)
            return .members(
                members.map { name, value in
                    if hides(name) { return (name, .null) }
                    guard name == "data", !hiddenPlaces.isEmpty else { return (name, applied(to: value)) }
                    return (name, Self.hiding(hiddenPlaces, inRows: value))
                })
        case .null, .bool, .integer, .double, .string: return json
        }
    }

    /// The places of hidden columns in the split form, `{"columns": […], "data": [[…]]}`.
    private func hiddenColumns(of json: JSON) -> Set<Int> {
        guard let columns = json["columns"]?.arrayValue else { return [] }
        return Set(columns.indices.filter { columns[$0].stringValue.map(hides) ?? false })
    }

    private static func hiding(_ places: Set<Int>, inRows rows: JSON) -> JSON {
        guard let rows = rows.arrayValue else { return .null }
        return .array(
            rows.map { row in
                guard let cells = row.arrayValue else { return .null }
                return .array(cells.enumerated().map { places.contains($0) ? .null : $1 })
            })
    }
}
