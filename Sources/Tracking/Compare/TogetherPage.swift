import Statistics
import Web
import Wire

/// Compared runs in one picture: parallel coordinates of what differs, and one quantity over another, over two others, or in
/// groups. A part of the page; its address says which picture, so that links and forms do without scripts what scripts do in place.
struct TogetherPage {
    let comparison: Comparison
    let plot: ComparedPlot
    /// The page, and what of its address is not about these pictures.
    let path: String
    let others: [(name: String, value: String)]

    private static let axisLimit = 8
    /// A list of more is none that anybody chooses from.
    private static let optionLimit = 500
    /// Boxes of more groups are a page of their own.
    private static let groupLimit = 30

    var html: HTML {
        guard comparison.runs.count > 1 else {
            return """
                <h2 id="together">Together</h2>
                <p class="quiet">One run has nothing to be drawn together with: choose more in the table of its experiment.</p>
                """
        }
        let drawn: HTML =
            switch plot.kind {
            case .scatter: scatter
            case .contour: contour
            case .box: box
            }
        return """
            <div data-view>
            <h2 id="together">Together</h2>
            \(parallel)
            <nav class="tabs" aria-label="Pictures">\(ComparedPlot.Kind.allCases.map(tab))</nav>
            \(drawn)
            </div>
            """
    }

    private func tab(_ kind: ComparedPlot.Kind) -> HTML {
        var other = plot
        other.kind = kind
        let query = (others + other.parameters).map { "\($0.name.queryEscaped)=\($0.value.queryEscaped)" }
        let current: HTML? = kind == plot.kind ? " aria-current=\"true\"" : nil
        return """
            <a href="\(path)?\(query.joined(separator: "&"))#together"\(current)>\(kind.rawValue.prefix(1).uppercased())\
            \(kind.rawValue.dropFirst())</a>
            """
    }

    // MARK: What is drawn

    /// What is a number and differs, params first: that leads from what was chosen to what came of it.
    private var axes: [Comparison.Row] {
        let numbers = comparison.rows.filter { $0.isNumeric && $0.isDiffering }
        let params = numbers.filter { $0.kind == .param }.prefix(Self.axisLimit / 2)
        let metrics = numbers.filter { $0.kind == .metric }.prefix(Self.axisLimit - params.count)
        return Array(params + metrics)
    }

    /// Those of them of which there are two numbers at least.
    private var varied: [Comparison.Row] {
        axes.filter { row in Set(row.values.compactMap { $0?.number }).count > 1 }
    }

    private var parallel: HTML? {
        let axes = axes.map { row in ParallelChart.Axis(row.key, values: row.values.map { $0?.number }) }
        let lines = comparison.runs.map { ParallelChart.Line($0.info.name, to: "/runs/\($0.info.id)") }
        return ParallelChart("Params and metrics that differ", axes: axes, lines: lines).html
    }

    private var plotted: [Comparison.Row] { comparison.rows.filter(\.isPlotted) }

    private var scatter: HTML {
        let rows = plotted
        guard rows.count > 1, let x = row(plot.x, of: rows, or: varied.first),
            let y = row(plot.y, of: rows, or: varied.last)
        else { return Self.nothing("Two params or metrics that are numbers are needed, one over the other.") }
        let dots = comparison.runs.enumerated().map { place, run in
            ScatterChart.Dot(
                run.info.name, to: "/runs/\(run.info.id)", x: x.values[place]?.number ?? .nan,
                y: y.values[place]?.number ?? .nan)
        }
        return """
            \(form([("Plot", "plot_y", rows, y), ("over", "plot_x", rows, x)]))
            \(ScatterChart(y.key, dots, xLabel: x.key).html)
            \(lacking(x, y))
            """
    }

    private var contour: HTML {
        let rows = plotted
        let usual = varied
        guard rows.count > 2, let x = row(plot.x, of: rows, or: usual.first),
            let y = row(plot.y, of: rows, or: usual.dropFirst().first { $0.name != x.name }),
            let z = row(
                plot.z, of: rows,
                or: (usual.filter { $0.kind == .metric } + usual).first { ![x.name, y.name].contains($0.name) })
        else {
            return Self.nothing("Three params or metrics that are numbers are needed: a height over two others.")
        }
        let dots = comparison.runs.enumerated().map { place, run in
            ContourChart.Dot(
                run.info.name, to: "/runs/\(run.info.id)", x: x.values[place]?.number ?? .nan,
                y: y.values[place]?.number ?? .nan, z: z.values[place]?.number ?? .nan)
        }
        return """
            \(form([("Height", "plot_z", rows, z), ("over", "plot_x", rows, x), ("and", "plot_y", rows, y)]))
            \(ContourChart(z.key, dots, xLabel: x.key, yLabel: y.key).html)
            \(lacking(x, y, z))
            <p class="quiet">Each point is a run. Between them it is estimated, the nearer a run the more it counts (inverse \
            distance weighting with the third power, both axes taken as equally long).</p>
            """
    }

    private var box: HTML {
        let rows = plotted.filter { $0.kind == .metric } + plotted.filter { $0.kind == .param }
        let groupings = comparison.rows.filter { $0.kind != .metric }
        // What makes few groups tells most.
        let usual = groupings.filter(\.isDiffering).min { Set($0.values).count < Set($1.values).count }
        guard let y = row(plot.y, of: rows, or: varied.first { $0.kind == .metric } ?? rows.first),
            let by = row(plot.by, of: groupings, or: usual ?? groupings.first)
        else { return Self.nothing("A metric is needed, and a param or tag that makes groups of runs.") }
        let groups = comparison.groups(by: by)
        let boxes = groups.prefix(Self.groupLimit).compactMap { name, places in
            Self.box(name, places, comparison.runs, y)
        }
        let more: HTML? =
            groups.count > Self.groupLimit
            ? "<p class=\"quiet\">and \(groups.count - Self.groupLimit) more groups</p>" : nil
        return """
            \(form([("Box of", "plot_y", rows, y), ("by", "plot_by", groupings, by)]))
            \(BoxChart(y.key, by: by.key, boxes).html)
            \(more)
            \(lacking(y))
            <p class="quiet">The box goes from the first to the third quartile, interpolated between neighbours, with the median in \
            it; whiskers go to the outermost runs within 1.5 times its length, and points are runs beyond.</p>
            """
    }

    /// Nil for a group of which no run has a number.
    private static func box(_ name: String, _ places: [Int], _ runs: [Run], _ row: Comparison.Row) -> BoxChart.Box? {
        let there = places.filter { abs(row.values[$0]?.number ?? .nan) < 1e300 }
        let values = there.compactMap { row.values[$0]?.number }
        return BoxSummary(values).map { summary in
            BoxChart.Box(
                name, count: values.count, low: summary.lowWhisker, lowQuartile: summary.lowQuartile,
                median: summary.median, highQuartile: summary.highQuartile, high: summary.highWhisker,
                outliers: summary.outliers.map { outlier in
                    let info = runs[there[outlier]].info
                    return .init(info.name, to: "/runs/\(info.id)", value: values[outlier])
                })
        }
    }

    // MARK: What chooses

    private func row(_ name: String, of rows: [Comparison.Row], or usual: Comparison.Row?) -> Comparison.Row? {
        rows.first { $0.name == name } ?? usual
    }

    private static func nothing(_ words: String) -> HTML {
        "<p class=\"quiet\">\(words)</p>"
    }

    /// How many runs are left out for want of a number.
    private func lacking(_ rows: Comparison.Row...) -> HTML? {
        let count = comparison.runs.indices.count { place in
            rows.contains { !($0.values[place]?.number?.isFinite ?? false) }
        }
        guard count > 0 else { return nil }
        let names = rows.map(\.key).joined(separator: ", ")
        return """
            <p class="quiet">\(count == 1 ? "One run has" : "\(count) runs have") no number for \
            \(rows.count == 1 ? "" : "one of ")\(HTML.name(names, limit: 200)).</p>
            """
    }

    private func form(
        _ choices: [(words: String, name: String, rows: [Comparison.Row], chosen: Comparison.Row)]
    ) -> HTML {
        let names = choices.map(\.name)
        let kept = (others + plot.parameters).filter { !names.contains($0.name) }
        let hidden = kept.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" as HTML }
        let selects = choices.map { choice -> HTML in
            var listed = Array(choice.rows.prefix(Self.optionLimit))
            // What is looked at is on the list, or the form would change it.
            if !listed.contains(where: { $0.name == choice.chosen.name }) { listed.append(choice.chosen) }
            let options = listed.map { row -> HTML in
                let selected: HTML? = row.name == choice.chosen.name ? " selected" : nil
                return "<option value=\"\(row.name)\"\(selected)>\(row.name.cut(to: 80))</option>"
            }
            return "<label>\(choice.words) <select name=\"\(choice.name)\">\(options)</select></label> "
        }
        return """
            <form action="\(path)#together" method="get">\(hidden)
            \(selects)<button>Show</button></form>
            """
    }
}
