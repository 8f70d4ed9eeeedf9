import Web
import Wire

/// The table of runs, or what stands in its place.
struct RunTableDrawing {
    let table: RunTable
    let orders: [SearchOrder]
    /// How many runs come before those of the page.
    let offset: Int
    let view: RunView
    let links: RunViewLinks
    let now: Timestamp
    /// How the first run is logged.
    let first: KeyValuePairs<String, String>

    var html: HTML {
        guard !table.runs.isEmpty || !table.pinned.isEmpty else { return empty }
        let rows = RunRows(columns: table.columns, now: now)
        let pinned: HTML? =
            table.pinned.isEmpty
            ? nil : "<tbody class=\"pinned\">\(rows.html(table.pinned, table.pinnedCells, from: nil))</tbody>"
        let framed = HTML.framed(
            """
            <colgroup><col class="name">\(table.columns.map { "<col class=\"\($0.measure)\">" as HTML })</colgroup>
            <thead><tr>\(head)</tr></thead>
            \(pinned)
            <tbody>\(rows.html(table.runs, table.cells, from: offset))</tbody>
            """, named: "Runs")
        let more = table.next.map { next -> HTML in
            "<p class=\"next\">\(HTML.link("Next \(RunTablePage.pageSize)", to: view.address(links.path, at: next)))</p>"
        }
        return """
            <section id="runs" class="runs" \(data)>
            \(links.actions(count, columns: table.columns))
            \(framed)
            \(more)
            \(unseen)
            </section>
            """
    }

    private var unseen: HTML? {
        guard table.isMoreDiffering else { return nil }
        return """
            <p class="quiet">The runs may differ in more: not all keys are looked at, or shown. Name columns to have those compared.</p>
            """
    }

    /// What scripts go on from.
    private var data: HTML {
        """
        data-path="\(links.path)" data-parts="\(view.json.text)" data-columns="\(table.columns.list)" \
        data-offset="\(offset)" data-rows="\(offset + table.runs.count)" data-total="\(table.total?.count ?? 0)" \
        data-more="\(table.next == nil ? "" : "1")" data-open="\(table.total?.isMore == true ? "1" : "")" \
        data-since="\(now.milliseconds)"
        """
    }

    private var empty: HTML {
        guard view.filter.isEmpty, offset == 0 else {
            return """
                <section id="runs" class="runs" \(data)>\(links.actions("", columns: table.columns))
                <div class="empty"><p>No run fits the filter.</p></div></section>
                """
        }
        return .empty("No runs yet. Start one:", ways: first)
    }

    private var count: HTML {
        guard let total = table.total else { return "" }
        if total.isMore { return "over \(Quantity.count(total.count)) runs" }
        return total.count == 1 ? "1 run" : "\(Quantity.count(total.count)) runs"
    }

    // MARK: Heading

    private var head: HTML {
        let name = RunColumn(.attribute, "run_name")
        return "\(heading(name))\(table.columns.map(heading))"
    }

    /// A heading sorts by its column, and says what it shows on hover.
    private func heading(_ column: RunColumn) -> HTML {
        let title = HTML.name(column.title, limit: 40)
        let note = column.note.map { "<br><small>\($0)</small>" as HTML }
        let number: HTML? = column.isNumber ? " class=\"number\"" : nil
        guard let field = column.field else {
            return
                "<th scope=\"col\"\(number) title=\"\(column.text)\" data-column=\"\(column.text)\">\(title)\(note)</th>"
        }
        let place = orders.firstIndex { $0.field == field }
        let sort: HTML? =
            place.map { place in
                place > 0 ? nil : " aria-sort=\"\(orders[place].isAscending ? "ascending" : "descending")\""
            } ?? nil
        let mark: HTML? = place.map { place in
            let arrow = orders[place].isAscending ? "↑" : "↓"
            return "<b aria-hidden=\"true\">\(orders.count > 1 ? "\(arrow)\(place + 1)" : arrow)</b>"
        }
        let alone = view.sorted(by: field, orders, isAdded: false).address(links.path)
        let added = view.sorted(by: field, orders, isAdded: true).address(links.path)
        return """
            <th scope="col"\(number)\(sort) title="\(column.text)" data-column="\(column.text)">\
            <a href="\(alone)" data-added="\(added)">\(title)\(mark)</a>\(note)</th>
            """
    }
}

extension RunColumn {
    /// What its heading says.
    var title: String {
        guard entity == .attribute else { return key }
        return switch key {
        case "run_name": "run"
        case "status": "state"
        case "start_time": "started"
        case "end_time": "ended"
        case "duration_ms": "took"
        case "user_id": "by"
        case "run_id": "id"
        default: "files"
        }
    }

    /// Which number of a history it shows, where that is not the latest; and that it is a tag.
    fileprivate var note: String? {
        if entity == .tag { return "tag" }
        return mode == .last ? nil : mode.rawValue
    }

    /// The class that sets its width.
    fileprivate var measure: String {
        switch (entity, key) {
        case (.attribute, "status"), (.attribute, "run_id"): "short"
        case (.metric, _), (.attribute, "duration_ms"): "figure"
        case (.attribute, "artifact_uri"): "long"
        default: "words"
        }
    }
}
