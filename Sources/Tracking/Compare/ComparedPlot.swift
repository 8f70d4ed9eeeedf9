import Wire

/// Which picture of compared runs is looked at, as the address of the page says it.
///
///     ?plot=contour&plot_x=params.depth&plot_y=params.rate&plot_z=metrics.auc
package struct ComparedPlot: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// One quantity over another.
        case scatter
        /// One quantity over two others.
        case contour
        /// How one quantity is spread in the groups that another makes.
        case box
    }

    package var kind = Kind.scatter
    /// Rows of the comparison, such as `params.depth`; empty for the usual ones.
    package var x = ""
    package var y = ""
    package var z = ""
    package var by = ""

    /// - Parameter value: of a parameter of the address, nil when it is absent.
    /// - Throws: `FieldProblem` for a kind that there is not.
    package init(_ value: (String) -> String?) throws {
        if let text = value("plot"), !text.isEmpty {
            guard let kind = Kind(rawValue: text) else {
                throw FieldProblem.invalid("plot", .string(text), expected: "scatter, contour or box")
            }
            self.kind = kind
        }
        x = value("plot_x") ?? ""
        y = value("plot_y") ?? ""
        z = value("plot_z") ?? ""
        by = value("plot_by") ?? ""
    }

    /// The parameters that are not as they are at first.
    package var parameters: [(name: String, value: String)] {
        let all = [
            ("plot", kind == .scatter ? "" : kind.rawValue), ("plot_by", by), ("plot_x", x), ("plot_y", y),
            ("plot_z", z),
        ]
        return all.filter { !$0.1.isEmpty }.map { (name: $0.0, value: $0.1) }
    }
}

extension Comparison.Row {
    /// As an address names it.
    package var name: String { "\(kind.rawValue)s.\(key)" }

    /// What numbers may be plotted of it: of a metric whatever it is, of a param where it is one in all runs that have it.
    package var isPlotted: Bool { kind == .metric || (kind == .param && isNumeric) }
}

extension Comparison {
    /// The groups that what runs have for a row makes, each with the places of its runs: in the order of the numbers, where they
    /// are numbers, else of the texts; those that lack it are one group at the end.
    package func groups(by row: Row) -> [(name: String, places: [Int])] {
        let there = Dictionary(grouping: runs.indices.filter { row.values[$0] != nil }) { row.values[$0]?.text ?? "" }
        func number(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
        let areNumbers = there.keys.allSatisfy { number($0) != nil }
        let names = there.keys.sorted { one, other in
            guard areNumbers, let first = number(one), let second = number(other), first != second else {
                return one < other
            }
            return first < second
        }
        let missing = runs.indices.filter { row.values[$0] == nil }
        return names.map { ($0, there[$0] ?? []) } + (missing.isEmpty ? [] : [("without it", missing)])
    }
}
