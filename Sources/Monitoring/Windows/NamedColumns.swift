/// Columns by name, in the order in which they first came.
package struct NamedColumns<Column> {
    package private(set) var names: [String] = []
    package private(set) var columns: [Column] = []
    private var places: [String: Int] = [:]

    package init() {}

    package var count: Int { names.count }
    package var isEmpty: Bool { names.isEmpty }

    /// Columns stay once they are there.
    package subscript(name: String) -> Column? {
        places[name].map { columns[$0] }
    }

    package func place(of name: String) -> Int? { places[name] }

    /// The place of a column, which is added when there is none.
    package mutating func place(of name: String, orAdd column: @autoclosure () -> Column) -> Int {
        if let place = places[name] { return place }
        places[name] = names.count
        names.append(name)
        columns.append(column())
        return names.count - 1
    }

    /// Changes a column where it is, without a copy.
    package mutating func change(at place: Int, _ body: (inout Column) -> Void) {
        body(&columns[place])
    }
}

extension NamedColumns: Sequence {
    package func makeIterator() -> Zip2Sequence<[String], [Column]>.Iterator {
        zip(names, columns).makeIterator()
    }
}

extension NamedColumns: Sendable where Column: Sendable {}
extension NamedColumns: Equatable where Column: Equatable {}
