import Web
import Wire

/// The curves of one run or of several over one another, with what chooses among them: a part of a page whose address says how
/// they are looked at. Without scripts the form and the links do what scripts do in place.
struct CurvesPage {
    let metrics: MetricStore
    /// In the order of their colours.
    let runs: [Run]
    let view: CurveView
    /// The page, and what of its address is not about curves.
    let path: String
    let others: [(name: String, value: String)]

    /// More curves than this make a page that nobody reads to the end.
    private static let pageSize = 12
    private static let smoothings = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99]

    /// - Parameters:
    ///   - keys: of the metrics that any of the runs has.
    ///   - isLong: whether a metric has more than one point in any run; others are no curve.
    func html(_ keys: [String]) async throws -> HTML? {
        guard !keys.isEmpty else { return nil }
        let wanted = keys.filter(view.shows)
        let shown = Array(wanted.dropFirst(view.offset).prefix(Self.pageSize))
        let curves = try await metrics.curves(of: shown, runs: runs.map(\.info), view)
        let charts = shown.map { key in chart(key, curves.filter { $0.key == key }) }
        let none: HTML? =
            wanted.isEmpty ? "<p class=\"quiet\">No metric has “\(HTML.name(view.words))” in its name.</p>" : nil
        return """
            <section class="curves" data-view>
            <h2 id="curves">Curves <small>\(count(wanted.count, of: keys.count))</small></h2>
            \(form(keys))
            \(none)
            <div class="charts">\(charts)</div>
            \(pages(wanted.count))
            </section>
            """
    }

    private func count(_ wanted: Int, of all: Int) -> String {
        wanted == all ? Quantity.count(all) : "\(Quantity.count(wanted)) of \(Quantity.count(all))"
    }

    private func chart(_ key: String, _ curves: [Curve]) -> HTML {
        let ids = runs.map(\.info.id)
        let files = CurveRoutes.Form.allCases.map { form in
            Link(form.rawValue.uppercased(), CurveRoutes.address(of: key, runs: ids, view, as: form))
        }
        return Self.chart(key, curves, of: runs, view, files: files).html
    }

    /// The curves of a metric of some runs over one another.
    static func chart(_ key: String, _ curves: [Curve], of runs: [Run], _ view: CurveView, files: [Link] = []) -> Chart
    {
        let series = runs.enumerated().compactMap { place, run -> Chart.Series? in
            guard let curve = curves.first(where: { $0.run == run.info.id }) else { return nil }
            let name = runs.count == 1 ? key : run.info.name
            return Self.series(curve, name, view, colour: place)
        }
        let ends = [view.from, view.to].compactMap(\.self)
        let range = ends.count == 2 ? ends[0]...ends[1] : nil
        return Chart(
            key, series, xAxis: view.chartAxis, yAxis: view.isYLogarithmic ? .logarithm : .number,
            xLabel: view.axis.label, over: range, files: files)
    }

    private static func series(_ curve: Curve, _ name: String, _ view: CurveView, colour: Int) -> Chart.Series {
        let points = curve.smoothed(view.smoothing).map { Chart.Point(x: $0.x, y: $0.mean) }
        let ground: Chart.Ground? =
            view.smoothing > 0
            ? .curve(curve.pieces.map { Chart.Point(x: $0.x, y: $0.mean) })
            : curve.isCondensed ? .band(curve.pieces.map { ($0.x, $0.low, $0.high) }) : nil
        return Chart.Series(name, points: points, ground: ground, colour: colour)
    }

    // MARK: What chooses

    private func form(_ keys: [String]) -> HTML {
        let axes: [(CurveView.Axis, String)] =
            [(.step, "step"), (.relative, "time since it began"), (.time, "time of day")]
            + keys.prefix(Self.axisLimit).map { (.metric($0), $0) }
        let smoothings = Self.smoothings.map { weight -> (String, String) in
            ("\(weight)", weight == 0 ? "not at all" : "\(weight)")
        }
        return """
            <form action="\(path)#curves" method="get">
            \(hidden(others))
            <label>Metrics <input type="search" name="charts" value="\(view.words)" placeholder="words of a key"></label>
            <label>Over \(select("x", axes.map { ($0.text, $1) }, chosen: view.axis.text))</label>
            <label>Smooth \(select("smooth", smoothings, chosen: "\(view.smoothing)"))</label>
            <label><input type="checkbox" name="yscale" value="log"\(checked(view.isYLogarithmic))> log y</label>
            <label><input type="checkbox" name="xscale" value="log"\(checked(view.isXLogarithmic))> log x</label>
            <label>From <input type="number" step="any" name="from" value="\(number(view.from))"></label>
            <label>to <input type="number" step="any" name="to" value="\(number(view.to))"></label>
            <button>Show</button>
            \(isChanged ? HTML.link("As at first", to: address([])) : nil)
            </form>
            """
    }

    /// More would make a list that nobody looks through; the address takes any.
    private static let axisLimit = 200

    private var isChanged: Bool { !view.parameters.isEmpty }

    private func select(_ name: String, _ options: [(value: String, words: String)], chosen: String) -> HTML {
        let known = options.contains { $0.value == chosen }
        let all = known ? options : options + [(chosen, chosen)]
        let items = all.map { option -> HTML in
            let selected: HTML? = option.value == chosen ? " selected" : nil
            return "<option value=\"\(option.value)\"\(selected)>\(option.words)</option>"
        }
        return "<select name=\"\(name)\">\(items)</select>"
    }

    private func checked(_ isOn: Bool) -> HTML? { isOn ? " checked" : nil }

    private func number(_ value: Double?) -> String { value.map { JSON.double($0).text } ?? "" }

    private func hidden(_ parameters: [(name: String, value: String)]) -> [HTML] {
        parameters.map { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" }
    }

    private func address(_ parameters: [(name: String, value: String)]) -> String {
        let query = (others + parameters).map { "\($0.name.queryEscaped)=\($0.value.queryEscaped)" }
        return query.isEmpty ? "\(path)#curves" : "\(path)?\(query.joined(separator: "&"))#curves"
    }

    private func pages(_ count: Int) -> HTML? {
        func link(_ words: String, from offset: Int) -> HTML {
            var other = view
            other.offset = offset
            return .link(words, to: address(other.parameters))
        }
        let former = view.offset > 0 ? link("Former \(Self.pageSize)", from: max(0, view.offset - Self.pageSize)) : nil
        let rest = count - view.offset - Self.pageSize
        let next = rest > 0 ? link("Next \(min(rest, Self.pageSize))", from: view.offset + Self.pageSize) : nil
        guard former != nil || next != nil else { return nil }
        return "<p class=\"actions\">\(former) \(next)</p>"
    }
}

extension CurveView.Axis {
    /// Under the chart.
    fileprivate var label: String {
        switch self {
        case .step: "step"
        case .relative: "since the run began"
        case .time: "UTC"
        case .metric(let key): key
        }
    }
}

extension CurveView {
    fileprivate var chartAxis: Chart.Axis {
        switch axis {
        case .step, .metric: isXLogarithmic ? .logarithm : .number
        case .relative: isXLogarithmic ? .logarithm : .duration
        case .time: .time
        }
    }
}
