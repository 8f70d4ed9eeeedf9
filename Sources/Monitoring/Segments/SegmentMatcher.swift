package import Statistics

/// Finds the segments of rows, one after the other.
///
/// A column's values become segments in the order in which they come, up to its limit; later ones share the segment
/// `column = (other)`. Whoever watches on gives the names that there are already, so that a restart changes none.
package struct SegmentMatcher: Sendable {
    private struct Values: Sendable {
        let column: String
        let limit: Int
        /// Names by the value's text.
        var names: [String: String] = [:]
        var other: String { "\(column) = (other)" }
    }

    private var values: [Values] = []
    private var named: [(name: String, condition: SegmentCondition)] = []

    /// - Parameter known: the names of segments that were found before, such as `country = DE`.
    package init(_ segments: [Segment], known: some Sequence<String> = []) {
        for segment in segments {
            switch segment {
            case .values(let column, let limit): values.append(Values(column: column, limit: limit))
            case .named(let name, let condition): named.append((name, condition))
            }
        }
        for name in known {
            for index in values.indices {
                let prefix = "\(values[index].column) = "
                guard name.hasPrefix(prefix), name != values[index].other else { continue }
                remember(String(name.dropFirst(prefix.count)), as: name, at: index)
            }
        }
    }

    private mutating func remember(_ text: String, as name: String, at index: Int) {
        guard values[index].names.count < values[index].limit else { return }
        // The name does not tell a number from a text that looks like one: both are this segment.
        values[index].names[text] = name
    }

    /// Whether there is nothing to find.
    package var isEmpty: Bool { values.isEmpty && named.isEmpty }

    /// The columns that rows are asked for.
    package var columns: [String] {
        var seen: Set<String> = []
        return (values.map(\.column) + named.flatMap(\.condition.columns)).filter { seen.insert($0).inserted }
    }

    /// The names of the segments that a row is in; few rows are in none.
    /// - Parameter value: the row's value of a column; missing when it has none.
    package mutating func segments(of value: (String) -> ColumnValue) -> [String] {
        var found: [String] = []
        for index in values.indices {
            let cell = value(values[index].column)
            guard !cell.isMissing else { continue }
            found.append(name(of: cell, at: index))
        }
        for segment in named where segment.condition.holds(value) { found.append(segment.name) }
        return found
    }

    private mutating func name(of cell: ColumnValue, at index: Int) -> String {
        let text = Self.text(cell)
        if let name = values[index].names[text] { return name }
        guard values[index].names.count < values[index].limit else { return values[index].other }
        let name = "\(values[index].column) = \(text)"
        values[index].names[text] = name
        return name
    }

    /// Whole numbers without a fraction; long texts cut.
    private static func text(_ value: ColumnValue) -> String {
        switch value {
        case .missing: ""
        case .text(let text): text.utf8.count > 80 ? String(text.prefix(80)) : text
        case .number(let number): Int64(exactly: number).map(String.init) ?? "\(number)"
        }
    }
}
