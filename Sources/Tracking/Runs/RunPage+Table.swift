package import Web
import Wire

/// Runs side by side, with the metrics and params that most of them have.
struct RunTable {
    let runs: [Run]
    /// How many there are with those shown; one more than `most` when they were counted no further.
    let total: Int
    let most: Int?
    let now: Timestamp
    /// How the first run is logged.
    let first: KeyValuePairs<String, String>

    /// More columns than this do not fit; the run's own page has all of them.
    private static let columnLimit = (metrics: 8, params: 6)

    func html(_ search: RunSearch, path: String, next: PageToken?) -> HTML {
        guard !runs.isEmpty else {
            return search.filter.isEmpty && search.page == nil
                ? .empty("No runs yet. Start one:", ways: first)
                : .empty("No run fits the filter.")
        }
        let more = next.map { next -> HTML in
            "<p>\(HTML.link("Next \(RunSearch.pageSize)", to: search.address(path, at: next)))</p>"
        }
        return """
            <p class="quiet">\(count)</p>
            \(table)
            \(more)
            """
    }

    private var count: String {
        if let most, total > most { return "over \(Quantity.count(most)) runs" }
        return total == 1 ? "1 run" : "\(Quantity.count(total)) runs"
    }

    private var table: HTML {
        let metrics = Self.leading(runs.map { $0.metrics.map(\.key) }, limit: Self.columnLimit.metrics)
        let params = Self.leading(runs.map { $0.params.map(\.key) }, limit: Self.columnLimit.params)
        let columns: [HTML.Column] =
            ["run", "state", "started", .number("took")] + metrics.map { .number($0) } + params.map { .words($0) }
        let rows = runs.map { run -> [HTML] in
            let values = metrics.map { key -> HTML in
                run.metrics.first { $0.key == key }.map { "\(Quantity.number($0.value))" } ?? "–"
            }
            let settings = params.map { key -> HTML in
                run.params.first { $0.key == key }.map { .name($0.value, limit: 60) } ?? "–"
            }
            return [
                .link(run.info.name, to: "/runs/\(run.info.id)"), run.info.badge, .time(run.info.startTime, now: now),
                run.info.took,
            ] + values + settings
        }
        return .table(columns, named: "Runs", rows: rows)
    }

    /// The keys that occur most often, the most frequent first, then by name.
    private static func leading(_ keys: [[String]], limit: Int) -> [String] {
        var counts: [String: Int] = [:]
        for key in keys.joined() { counts[key, default: 0] += 1 }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return ranked.prefix(limit).map(\.key)
    }
}

extension RunInfo {
    package var badge: HTML {
        if stage == .deleted { return .badge("deleted", .warning) }
        return switch status {
        case .running: .badge("running", .active)
        case .scheduled: .badge("scheduled", .plain)
        case .finished: .badge("finished", .good)
        case .failed: .badge("failed", .bad)
        case .killed: .badge("killed", .bad)
        }
    }

    /// How long it ran; a dash while it does.
    var took: HTML {
        endTime.map { "\(Quantity.duration(milliseconds: $0.milliseconds(since: startTime)))" } ?? "–"
    }
}
