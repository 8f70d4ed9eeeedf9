import Web
import Wire

/// What stands around the table: the filter, what is wrong with it, and the ways to other views.
struct RunViewLinks {
    let view: RunView
    let path: String
    let saved: [SavedView]

    /// The rest of the view goes along with the filter.
    var form: HTML {
        let hidden = view.members.filter { $0.name != "filter" }.map { member -> HTML in
            "<input type=\"hidden\" name=\"\(member.name)\" value=\"\(member.value)\">"
        }
        return """
            <form action="\(path)" method="get" role="search">
            <input type="search" name="filter" value="\(view.filter)" aria-label="Filter" autocomplete="off" spellcheck="false"
             placeholder="metrics.auc &gt; 0.9 AND params.depth = '3'">\(hidden)
            <button type="submit">Filter</button>
            </form>
            """
    }

    /// What is wrong, under the character where it is.
    func problem(_ problem: FilterProblem) -> HTML {
        let text =
            switch problem.subject {
            case "order_by": view.order
            case "columns": view.columns ?? ""
            case "group_by": view.groups
            default: view.filter
            }
        // What stands before it is as wide as it is in the line above, in letters of one width.
        let line = text.cut(to: 2000).unicodeScalars.map { $0.properties.isWhitespace ? " " : String($0) }.joined()
        let space = String(repeating: " ", count: min(max(problem.position - 1, 0), 2000))
        return """
            <div id="problem" role="alert">
            <samp class="caret">\(line)
            \(space)^</samp>
            \(HTML.notice(.bad, "<p>\(problem.message) \(problem.hint ?? "")</p>"))
            </div>
            """
    }

    /// The ways to other views of the same runs.
    /// - Parameter columns: of the file, where the view names none.
    func actions(_ count: HTML, columns: [RunColumn]) -> HTML {
        let differing = view.with {
            $0.isDiffering.toggle()
            $0.columns = nil
        }
        let words = view.isDiffering ? "All columns" : "Only what differs"
        let toggle: HTML? = view.groups.isEmpty ? "<a href=\"\(differing.address(path))\">\(words)</a>" : nil
        let isGrouped = !view.groups.isEmpty
        let file = view.with {
            // Groups are made of all runs, and a file has a line for each of these.
            if isGrouped { $0.isDiffering = false }
            if isGrouped || $0.columns == nil, !$0.isDiffering { $0.columns = columns.list }
        }
        return """
            <div class="actions">
            <span class="quiet" id="count">\(count)</span>
            \(toggle)
            \(menu)
            <a href="\(file.address("\(path)/runs.csv"))" download>\(isGrouped ? "Runs as CSV" : "CSV")</a>
            </div>
            """
    }

    private var menu: HTML {
        let items = saved.map { view -> HTML in
            let current: HTML = view.draft.view == self.view ? " aria-current=\"true\"" : ""
            let notes = [view.draft.isDefault ? "opens first" : nil, view.draft.isShared ? nil : "yours"].compactMap(
                \.self)
            return """
                <li data-id="\(view.id)" data-version="\(view.version)" data-document="\(view.json.text)">\
                <a href="\(view.draft.view.address(path))"\(current)>\(HTML.name(view.draft.name, limit: 60))</a> \
                <small class="quiet">\(notes.joined(separator: ", "))</small></li>
                """
        }
        return """
            <details class="menu" id="views"><summary>Views</summary>
            <ul><li><a href="\(path)?filter=">All runs</a></li>\(items)</ul></details>
            """
    }
}

extension [RunColumn] {
    /// As the grammar reads it.
    var list: String { map(\.text).joined(separator: ", ") }
}
