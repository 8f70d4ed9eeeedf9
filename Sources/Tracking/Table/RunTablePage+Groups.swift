import Web
import Wire

/// Runs put together: a row for each group, with what its metrics come to.
struct RunGroupTable {
    let groups: RunGroups
    let view: RunView
    let links: RunViewLinks

    var html: HTML {
        let measures = groups.measures.map { HTML.Column.number($0.title, note: "mean ± deviation") }
        let columns =
            groups.columns.map { HTML.Column.words($0.title) } + [.number("runs", "Runs of the group.")] + measures
        let rows = groups.groups.map { group -> [HTML] in
            group.values.enumerated().map { value($1, of: group, isFirst: $0 == 0) }
                + ["\(Quantity.count(group.count))"] + group.spreads.map(Self.html)
        }
        return """
            <section id="runs" class="groups" data-path="\(links.path)" data-parts="\(view.json.text)" \
            data-columns="\(groups.measures.list)">
            \(links.actions(count, columns: fileColumns))
            \(HTML.table(columns, named: "Groups of runs", rows: rows))
            </section>
            """
    }

    /// Of the runs as a file: what they are put together by, then what the view names. Each line has the run's name anyway.
    private var fileColumns: [RunColumn] {
        let chosen = view.columns.flatMap { try? SearchGrammar.columns($0) } ?? groups.measures
        let groups = groups.columns.filter { !chosen.contains($0) && $0 != RunColumn(.attribute, "run_name") }
        return Array((groups + chosen).prefix(RunColumn.maximumCount))
    }

    /// How much was looked at, and that there is more where there is.
    private var count: HTML {
        let runs =
            groups.isMore
            ? "the latest \(Quantity.count(groups.looked)) runs" : "\(Quantity.count(groups.looked)) runs"
        let shown =
            groups.groupCount > groups.groups.count
            ? "the first \(groups.groups.count) of \(Quantity.count(groups.groupCount)) groups"
            : groups.groupCount == 1 ? "1 group" : "\(groups.groupCount) groups"
        return "\(shown) of \(runs)"
    }

    private func value(_ cell: RunCell, of group: RunGroups.Group, isFirst: Bool) -> HTML {
        let words = if case .text(let text, _) = cell { text.isEmpty ? "(empty)" : text } else { "(none)" }
        guard isFirst, let narrow = view.narrowed(to: group, of: groups.columns) else { return .name(words, limit: 80) }
        return .link(words, to: narrow.address(links.path))
    }

    private static func html(_ spread: Spread) -> HTML {
        guard spread.count > 0 else { return "–" }
        let deviation = spread.deviation.map { " ± \(Quantity.number($0, digits: 2))" as HTML }
        let ends = "\(Quantity.number(spread.least)) to \(Quantity.number(spread.greatest)), \(spread.count) runs"
        return "<span title=\"\(ends)\">\(Quantity.number(spread.mean))\(deviation)</span>"
    }
}
