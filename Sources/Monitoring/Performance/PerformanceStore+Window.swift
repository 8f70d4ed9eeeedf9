package import Database
package import Incidents
import Predictions
package import Wire

extension PerformanceStore {
    /// A closed window, as its labels are looked for.
    package struct Window: Sendable, Hashable {
        package let number: Int
        package let length: WindowLength
        package let variant: String
        package let model: String
        package let version: Int
        package let start: Timestamp
        package let end: Timestamp
        package let rows: Int
        /// When it was judged first; nil of windows of earlier versions.
        package let judgedAt: Timestamp?
        /// How many alerts a test of it may open by chance; nil where nobody limits that.
        package let openings: Double?
        package let segmentRows: [String: Int]
        /// Of a window of rows how, and by which server, it was counted; empty of one of minutes, which all servers count.
        let trafficNumber: Int
        let trafficSource: String

        package var lane: TrafficSlice {
            TrafficSlice(variant: variant.isEmpty ? nil : variant, model: model, version: version)
        }

        /// Whether a prediction of its time was answered in its lane.
        func holds(_ prediction: Prediction) -> Bool {
            prediction.model == model && prediction.version == version
                && (variant.isEmpty || prediction.variant == variant)
        }
    }

    static let windowColumns: SQL = """
        w.number, w.model, w.version, w.start_at, w.end_at, w.row_count, w.length, w.variant, w.judged_at, w.openings,
        w.segment_rows, w.traffic_number, w.source
        """
    static let windowColumnCount = 13

    /// What is known of a window before its labels are looked for.
    struct Standing: Sendable {
        /// A server has said its last of it, of all rows that it has.
        let isSettled: Bool
        /// The predictions of a window of rows. Nil where only its time tells them: of a window of minutes, of one that is larger
        /// than a sample of ids, and of one that nobody looked at while its ids were kept.
        let members: WindowMembers?
        /// What its version is held against; nil before there is such a thing.
        let basis: PerformanceBasis?
        /// How estimates of its version's other windows fared.
        let record: EstimateRecord
    }

    func standing(of window: Window, _ monitor: Monitor, source: String) async throws -> Standing {
        let isOfRows =
            !window.trafficSource.isEmpty && window.length == .window && window.rows <= PredictionSample.limit
        return try await database.read { reader in
            let basis = try Self.basis(of: monitor.name, model: window.model, version: window.version, reader)
            return Standing(
                isSettled: try Self.isSettled(window, of: monitor.name, source: source, reader),
                members: isOfRows ? try members(of: window, monitor.name, reader) : nil, basis: basis,
                record: basis == nil || !monitor.performance.hasEstimate
                    ? EstimateRecord()
                    : try Self.record(of: monitor.name, version: window.version, except: window.number, reader))
        }
    }

    private func members(of window: Window, _ monitor: String, _ reader: Reader) throws -> WindowMembers? {
        let kept = try reader.values(
            """
            SELECT members FROM monitor_performance
            WHERE monitor = \(monitor) AND number = \(window.number) AND members IS NOT NULL
            """, as: [UInt8].self)
        if let members = kept.first.flatMap(WindowMembers.init(bytes:)) { return members }
        let members = WindowMembers(
            try windows.sampled(
                of: monitor, window.lane, number: window.trafficNumber, source: window.trafficSource, reader))
        return members.count == window.rows ? members : nil
    }

    /// The rows of a window that this server counted, as records of it hold them; nil where these are not all of them.
    func rows(of window: Window, _ monitor: String, source: String) async throws -> PackedRows? {
        guard window.rows <= PerformanceReview.sampleRows else { return nil }
        return try await windows.allRows(
            of: TrafficWindow(
                monitor: monitor, lane: window.lane, number: window.trafficNumber, length: window.length,
                source: window.trafficSource.isEmpty ? nil : window.trafficSource, start: window.start, end: window.end,
                rows: window.rows, isChanged: false, revisions: [:]), source: source)
    }

    /// The segments that a monitor's traffic is counted in, so that its quality is cut alike.
    func segments(of monitor: Monitor) async throws -> [String] {
        guard !monitor.segments.isEmpty else { return [] }
        return try await windows.slices(monitor: monitor.name).compactMap(\.segment)
    }
}

extension PerformanceStore.Window: RowDecodable {
    package init(row: Row) throws {
        number = try row.get(0)
        model = try row.get(1)
        version = try row.get(2)
        start = try row.get(3)
        end = try row.get(4)
        rows = try row.get(5)
        length = WindowLength(rawValue: try row.get(6)) ?? .window
        variant = try row.get(7)
        judgedAt = try row.get(8)
        openings = try row.get(9)
        let segments: JSON = try row.get(10)
        segmentRows = Dictionary(
            (segments.memberList ?? []).map { ($0.key, Int($0.value.integerValue ?? 0)) }
        ) { first, _ in first }
        trafficNumber = try row.get(11)
        trafficSource = try row.get(12)
    }
}
