package import Incidents
import Manifests
import Statistics
import Wire

/// A monitor with everything that its pages show.
struct MonitorView: Sendable {
    let status: MonitorStatus
    /// Of the stretch that is looked at, oldest first.
    let windows: [MonitorWindow]
    /// How many there are in it, where it was asked for.
    let count: Int?
    /// Whether an endpoint of this server answers; not where predictions were made elsewhere.
    let hasEndpoint: Bool
    /// The hours and days that they were merged into, where the manifest asks for them; oldest first.
    let merged: [(length: WindowLength, windows: [MonitorWindow])]
    /// Newest first.
    let alerts: [Alert]
    /// Nil before the first window.
    let last: SeenWindow?
    /// Nil when nobody looks at what is taken.
    let cost: MonitorCost?

    static let windowLimit = 60
    private static let mergedLimit = 24
    private static let alertLimit = 10

    init(
        of name: String, in range: TimeRange, on board: MonitorBoard, costs: CostDesk?, at now: Timestamp
    ) async throws {
        status = try await board.status(of: name)
        (windows, count) = try await board.windows(of: name, in: range)
        hasEndpoint = try await board.manifests.has(
            kind: TemplateStore.endpointKind, name: status.monitor.endpoint)
        var merged: [(length: WindowLength, windows: [MonitorWindow])] = []
        for length in status.monitor.merged {
            merged.append(
                (length, try await board.store.windows(of: name, length, limit: Self.mergedLimit)))
        }
        self.merged = merged
        alerts = try await board.alerts.alerts(monitor: name, limit: Self.alertLimit)
        last = try await board.newest(of: windows, status.monitor, at: now)
        cost = try await costs?.cost(of: status, counted: board.windows)
    }
}

/// A window with what was counted in it and what it was held against.
struct SeenWindow: Sendable {
    let window: MonitorWindow
    /// Empty once only whole hours are kept.
    let record: WindowRecord
    let reference: Reference?

    /// How a column is distributed in the reference and in the window; nil where they cannot be compared.
    func histogram(of column: String, words: (Double) -> String) -> ColumnHistogram? {
        guard let (before, now) = profiles(of: column), let before else { return nil }
        return ColumnHistogram(before, now, words: words)
    }

    /// The column in the reference, unless that sorts it into other cells, and in the window; inputs go before outputs of the
    /// same name. Nil when the window does not have it.
    func profiles(of column: String) -> (before: ColumnProfile?, now: ColumnProfile)? {
        for (role, columns) in [(Reference.Role.input, record.inputs), (.output, record.outputs)] {
            let former = reference?.columns.first { $0.key == Reference.Column.Key(name: column, role: role) }?.profile
            guard let now = record.profile(columns[column], anchors: former?.anchors) else { continue }
            return (former?.anchors == now.anchors ? former : nil, now)
        }
        return nil
    }
}

extension MonitorBoard {
    /// The windows of a stretch of time, oldest first, or the newest; and how many there are in the stretch.
    func windows(of monitor: String, in range: TimeRange) async throws -> (windows: [MonitorWindow], count: Int?) {
        guard let moments = range.moments else {
            return (try await store.windows(of: monitor, limit: MonitorView.windowLimit), nil)
        }
        let found = try await store.windows(of: monitor, in: moments, limit: MonitorView.windowLimit)
        return (found.windows, found.count)
    }

    /// The newest of some windows that holds rows.
    func newest(of recent: [MonitorWindow], _ monitor: Monitor, at now: Timestamp) async throws -> SeenWindow? {
        guard let window = recent.last(where: { $0.rows > 0 && $0.lane != .whole }) else { return nil }
        let counted = try await windows.windows(of: monitor.name, lane: window.lane, at: now, limit: 8)
        guard let traffic = counted.last(where: { $0.start == window.start && $0.end == window.end }) else {
            return SeenWindow(window: window, record: WindowRecord(), reference: nil)
        }
        let record = try await windows.records(of: traffic)[window.lane] ?? WindowRecord()
        var shelf = ReferenceDesk.Shelf()
        do {
            let references = try await desk.references(for: traffic, [window.lane: record], of: monitor, &shelf)
            return SeenWindow(window: window, record: record, reference: references[window.lane])
        } catch is ReferencePending {
            return SeenWindow(window: window, record: record, reference: nil)
        }
    }
}
