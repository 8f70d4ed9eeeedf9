import Web
import Wire

// Views as addresses: each change of a view is a link.

extension RunView {
    /// The address of the view.
    func address(_ path: String, at page: PageToken? = nil) -> String {
        var query = members.map { "\($0.name)=\($0.value.queryEscaped)" }
        if let page { query.append("page_token=\(page.text.queryEscaped)") }
        // An address without a view opens the experiment with the view that it opens with.
        return "\(path)?\(query.isEmpty ? "filter=" : query.joined(separator: "&"))"
    }

    /// The same view, changed.
    func with(_ change: (inout RunView) -> Void) -> RunView {
        var view = self
        change(&view)
        return view
    }

    /// The view sorted by a column: first in the direction in which the best comes first, then the other way round, then not.
    /// - Parameter orders: those of the view.
    /// - Parameter isAdded: whether the others stay.
    func sorted(by field: SearchField, _ orders: [SearchOrder], isAdded: Bool) -> RunView {
        var kept = isAdded ? orders : orders.filter { $0.field == field }
        let first = field.startsAscending
        if let place = kept.firstIndex(where: { $0.field == field }) {
            if kept[place].isAscending == first {
                kept[place] = SearchOrder(field, isAscending: !first)
            } else {
                kept.remove(at: place)
            }
        } else {
            kept.append(SearchOrder(field, isAscending: first))
        }
        return with { $0.order = kept.map(\.text).joined(separator: ", ") }
    }

    /// The runs of one group, as a view of its own; nil when the language has no words for one of its values.
    func narrowed(to group: RunGroups.Group, of columns: [RunColumn]) -> RunView? {
        var conditions: [String] = []
        for (column, value) in zip(columns, group.values) {
            guard let condition = column.condition(value) else { return nil }
            conditions.append(condition)
        }
        if !filter.isEmpty {
            let isAny = if case .any? = try? SearchGrammar.runs.filter(filter) { true } else { false }
            conditions.insert(isAny ? "(\(filter))" : filter, at: 0)
        }
        return with {
            $0.filter = conditions.joined(separator: " AND ")
            $0.groups = ""
        }
    }
}

extension SearchOrder {
    /// As the grammar reads it.
    fileprivate var text: String { "\(RunColumn(sortedBy: field).text) \(isAscending ? "ASC" : "DESC")" }
}

extension SearchField {
    /// Whether what comes first is worth more: a small loss, an early letter; but a great accuracy, a late start.
    fileprivate var startsAscending: Bool {
        switch entity {
        case .metric: MetricDirection(ofKey: key) == .smallerIsBetter
        case .attribute: key != "start_time" && key != "end_time"
        default: true
        }
    }
}

extension RunColumn {
    /// The condition that a value of the column satisfies, and no other.
    fileprivate func condition(_ cell: RunCell) -> String? {
        guard case .text(let value, isCut: false) = cell else { return "\(text) IS NULL" }
        guard let quote = ["'", "\""].first(where: { !value.contains($0) }), !value.isLonger(than: 500) else {
            return nil
        }
        return "\(text) = \(quote)\(value)\(quote)"
    }
}
