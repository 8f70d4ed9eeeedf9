import Web
import Wire

/// Rows of the table, each as high as every other, so that a script knows where all of them are.
struct RunRows {
    let columns: [RunColumn]
    let now: Timestamp

    /// - Parameter offset: how many rows come before; nil for rows that are out of the order.
    func html(_ runs: [RunInfo], _ cells: [[RunCell]], from offset: Int?) -> HTML {
        let rows = runs.indices.map { place -> HTML in
            let run = runs[place]
            // The heading is the first row.
            let index: HTML? = offset.map { " aria-rowindex=\"\($0 + place + 2)\"" }
            let values = columns.indices.map { html(cells[$0][place], columns[$0]) }
            return """
                <tr data-run="\(run.id)"\(index)><th scope="row"><i class="swatch series-\(run.series)"></i>\
                \(HTML.link(run.name, to: "/runs/\(run.id)"))</th>\(values)</tr>\n
                """
        }
        return "\(rows)"
    }

    private func html(_ cell: RunCell, _ column: RunColumn) -> HTML {
        switch cell {
        case .missing: column.isNumber ? "<td class=\"number\">–</td>" : "<td>–</td>"
        case .number(let number): figure(number, column)
        case .moment(let moment): "<td>\(HTML.time(moment, now: now))</td>"
        case .text(let text, isCut: let isCut): "<td>\(words(text, isCut, column))</td>"
        }
    }

    /// A number as short as a table needs, and whole on hover.
    private func figure(_ number: Double, _ column: RunColumn) -> HTML {
        guard column.entity == .metric else {
            let span = Int64(exactly: number.rounded()) ?? .max
            return "<td class=\"number\">\(Quantity.duration(milliseconds: span))</td>"
        }
        let (short, exact) = (Quantity.number(number), number.description)
        let title: HTML? = number.isNaN || exact == short || exact == "\(short).0" ? nil : " title=\"\(exact)\""
        return "<td class=\"number\"\(title)>\(short)</td>"
    }

    private func words(_ text: String, _ isCut: Bool, _ column: RunColumn) -> HTML {
        switch (column.entity, column.key) {
        case (.attribute, "status"): RunStatus(rawValue: text)?.badge ?? .name(text)
        case (.attribute, "run_id"): .shortID(text)
        default: .name(isCut ? text + "…" : text, limit: 80)
        }
    }
}

extension RunInfo {
    /// One of the six colours and dashes, by its id; where runs are compared, their places choose.
    package var series: Int {
        // FNV-1a: ids of other servers need not be random.
        let hash = id.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return Int(hash % 6) + 1
    }
}
