package import Wire

/// The anchors of the columns of a table, in their order.
package struct TableAnchors: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package let name: String
        package let anchors: ColumnAnchors

        package init(name: String, anchors: ColumnAnchors) {
            self.name = name
            self.anchors = anchors
        }
    }

    package let columns: [Column]
    /// Where each column is.
    package let positions: [String: Int]

    /// - Parameter columns: with different names.
    package init(_ columns: [Column]) {
        self.columns = columns
        positions = Dictionary(columns.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    package static func == (a: TableAnchors, b: TableAnchors) -> Bool { a.columns == b.columns }

    package var json: JSON {
        .array(columns.map { ["name": .string($0.name), "anchors": $0.anchors.json] })
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a table's anchors.
    package init(json: JSON) throws {
        guard let columns = json.arrayValue else {
            throw FieldProblem.invalid("columns", json, expected: "an array of columns")
        }
        self.init(
            try columns.map { column in
                let fields = try Fields(column)
                return Column(
                    name: try fields.optionalString("name") ?? "",
                    anchors: try ColumnAnchors(json: try fields.value("anchors") ?? .null))
            })
    }
}
