package import Wire

/// What a reader asks of the table of runs: the address of the page, word for word. What it means is asked for piece by piece,
/// so that a page is shown beside the piece that is wrong.
package struct RunView: Sendable, Hashable {
    package var filter = ""
    package var order = ""
    /// Nil when none are named; an empty text is no column at all.
    package var columns: String?
    package var groups = ""
    /// The ids of the runs that stay on top.
    package var pins: [String] = []
    /// Shows only columns in which the runs differ.
    package var isDiffering = false

    package static let maximumPins = 50

    package init() {}

    /// Its members as an address or a document names them; those that say nothing are left out.
    package var members: [(name: String, value: String)] {
        let all: [(String, String?)] = [
            ("filter", filter.isEmpty ? nil : filter), ("order_by", order.isEmpty ? nil : order), ("columns", columns),
            ("group_by", groups.isEmpty ? nil : groups), ("pin", pins.isEmpty ? nil : pins.joined(separator: ",")),
            ("differing", isDiffering ? "1" : nil),
        ]
        return all.compactMap { name, value in value.map { (name, $0) } }
    }

    /// - Parameter member: the text of a member; nil when it is absent.
    package init(_ member: (String) throws -> String?) rethrows {
        filter = try member("filter") ?? ""
        order = try member("order_by") ?? ""
        columns = try member("columns")
        groups = try member("group_by") ?? ""
        pins = try (member("pin") ?? "").split(separator: ",").map(String.init)
        isDiffering = try member("differing") == "1"
    }

    /// What is asked for in an experiment, all of it.
    /// - Throws: `FilterProblem` for what makes no sense, and where in which text.
    package func wanted(in experiment: ExperimentID) throws -> RunTableQuery {
        var query = RunQuery(experimentIDs: [experiment])
        query.filter = try SearchGrammar.runs.filter(filter)
        query.orders = try SearchGrammar.runs.orders(inList: order)
        guard pins.count <= Self.maximumPins else {
            throw FieldProblem("'pin' names \(pins.count) runs; at most \(Self.maximumPins) stay on top.")
        }
        var wanted = RunTableQuery(query)
        wanted.columns = try columns.map { try SearchGrammar.columns($0) }
        wanted.groups = try SearchGrammar.groups(groups)
        wanted.pins = pins
        wanted.isDiffering = isDiffering
        return wanted
    }
}

extension RunView: JSONRepresentable {
    package var json: JSON { .members(members.map { ($0.name, .string($0.value)) }) }
}

/// A view, understood.
package struct RunTableQuery: Sendable {
    package var query: RunQuery
    /// Nil leaves the choice to the table.
    package var columns: [RunColumn]?
    package var groups: [RunColumn] = []
    package var pins: [String] = []
    package var isDiffering = false
    /// How many characters of a text are read; all when nil.
    package var longestText: Int?
    /// Whether all runs that fit are counted, not only shown.
    package var counts = true

    /// With a filter each run has to be looked at, so that they are counted no further.
    package static let mostCounted = 10_000

    package init(_ query: RunQuery) {
        self.query = query
    }
}
