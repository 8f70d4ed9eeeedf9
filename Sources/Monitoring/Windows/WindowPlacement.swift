import Incidents
import Predictions
import Wire

extension WindowCounter {
    /// Where some rows belong, worked out before anything is counted, so that what is stored of it can be read first.
    struct Placement: Sendable {
        let source: String
        /// When the rows came; nil for at their own times.
        let arrival: Timestamp?
        var rows: [WindowKey: RowSet] = [:]
        var growth: [WindowFlush.Lane: TrafficGrowth] = [:]
        /// As they are afterwards.
        var feeds: [String: Feed] = [:]

        init(source: String, arrival: Timestamp? = nil) {
            self.source = source
            self.arrival = arrival
        }
    }
}

extension WindowCounter.Placement {
    /// Rows that follow on each other and belong to one record.
    private struct Run {
        let key: WindowKey
        let end: Timestamp
        var rows: Range<Int>
        var times: ClosedRange<Timestamp>

        init(key: WindowKey, rows: Range<Int>, time: Timestamp) {
            self.key = key
            self.rows = rows
            end = WindowSpan.minute.end(from: key.start)
            times = time...time
        }

        /// Goes on with rows if they follow on its own and belong to the same record.
        /// - Returns: whether they do.
        mutating func take(
            _ more: Range<Int>, of lane: TrafficSlice, _ number: Int, at time: Timestamp
        ) -> Bool {
            guard number == key.window, key.start <= time, time < end, rows.upperBound == more.lowerBound,
                lane == key.slice
            else { return false }
            rows = rows.lowerBound..<more.upperBound
            times = min(times.lowerBound, time)...max(times.upperBound, time)
            return true
        }
    }

    /// Places the rows that a monitor watches.
    mutating func place(_ predictions: ArraySlice<Prediction>, _ table: RowTable, by feed: WindowCounter.Feed) {
        var feed = feed
        var run: Run?
        var isWatching = false
        let start = predictions.startIndex
        var row = 0
        while row < predictions.count {
            // All rows of a request are of one endpoint, one version and one moment.
            let end = predictions.endOfRequest(at: start + row) - start
            defer { row = end }
            guard predictions[start + row].endpoint == feed.plan.endpoint else { continue }
            isWatching = true
            let time = predictions[start + row].id.time
            let lane = feed.lane(of: predictions, at: start + row)
            var first = row
            while first < end {
                let (number, taken, closed) = feed.cutter.place(
                    lane, at: time, arrival: arrival, upTo: end - first)
                let more = first..<first + taken
                first += taken
                if run?.take(more, of: lane, number, at: time) != true {
                    finish(run, of: feed.plan)
                    run = Run(key: key(of: lane, time, number, feed.plan), rows: more, time: time)
                }
                if !closed.isEmpty {
                    finish(run, of: feed.plan)
                    run = nil
                    for window in closed { close(window, of: feed.plan.monitor) }
                }
                guard !feed.segments.isEmpty else { continue }
                for row in more where predictions[start + row].isKept {
                    for segment in feed.segments.segments(of: { table.input($0, row: row) }) {
                        var slice = lane
                        slice.segment = segment
                        rows[key(of: slice, time, number, feed.plan), default: RowSet()].append(row)
                    }
                }
            }
        }
        finish(run, of: feed.plan)
        if isWatching { feeds[feed.plan.monitor] = feed }
    }

    private func key(of slice: TrafficSlice, _ time: Timestamp, _ number: Int, _ plan: WindowPlan) -> WindowKey {
        WindowKey(
            monitor: plan.monitor, slice: slice, start: WindowSpan.minute.start(of: time), window: number,
            source: source)
    }

    private mutating func finish(_ run: Run?, of plan: WindowPlan) {
        guard let run else { return }
        rows[run.key, default: RowSet()].append(run.rows)
        let more: TrafficGrowth
        switch plan.window {
        case .rows:
            more = TrafficGrowth(rows: run.rows.count, start: run.times.lowerBound, end: run.times.upperBound)
        case .minutes(let minutes):
            let start = run.key.start.start(ofMinutes: minutes)
            let end = start + .seconds(60 * minutes)
            more = TrafficGrowth(rows: run.rows.count, start: start, end: end, closesAt: end + WindowPolicy.grace)
        }
        grow(WindowFlush.Lane(monitor: plan.monitor, lane: run.key.slice, number: run.key.window), by: more)
        for length in plan.merged {
            guard let minutes = length.minutes else { continue }
            let start = run.key.start.start(ofMinutes: minutes)
            let end = start + .seconds(60 * minutes)
            grow(
                WindowFlush.Lane(
                    monitor: plan.monitor, lane: run.key.slice, number: start.number(ofMinutes: minutes),
                    length: length),
                by: TrafficGrowth(
                    rows: run.rows.count, start: start, end: end, closesAt: end + WindowPolicy.grace))
        }
    }

    private mutating func grow(_ lane: WindowFlush.Lane, by more: TrafficGrowth) {
        growth[lane] = growth[lane].map { $0.merged(with: more) } ?? more
    }

    /// Whether the first request in a record has earlier rows in another record of the same slice, because the end of a window
    /// cuts it.
    func isContinued(_ key: WindowKey, _ ownRows: RowSet, _ requests: RequestRows) -> Bool {
        guard let first = ownRows.ranges.first?.lowerBound else { return false }
        let earlier = requests.earlier(than: first)
        guard !earlier.isEmpty else { return false }
        return rows.contains { other, its in
            other.monitor == key.monitor && other.slice == key.slice && other != key
                && its.ranges.contains { $0.overlaps(earlier) }
        }
    }

    /// Notes that a window of rows takes no more.
    mutating func close(_ window: WindowCutter.Window, of monitor: String) {
        // Neutral for the least and the greatest of the times there are.
        let nothing = TrafficGrowth(
            start: Timestamp(milliseconds: .max), end: Timestamp(milliseconds: .min), closesAt: .closed)
        grow(WindowFlush.Lane(monitor: monitor, lane: window.lane, number: window.number), by: nothing)
    }
}

extension WindowCounter.Feed {
    /// The lane of a prediction; one for all that are beyond the number of lanes.
    mutating func lane(of predictions: ArraySlice<Prediction>, at index: Int) -> TrafficSlice {
        if let lastLane, lastLane.version == predictions[index].version, lastLane.model == predictions[index].model,
            lastLane.variant == predictions[index].variant
        {
            return lastLane
        }
        let lane = TrafficSlice(
            variant: predictions[index].variant, model: predictions[index].model, version: predictions[index].version)
        guard lanes.count < WindowPolicy.lanes || lanes.contains(lane) else {
            return TrafficSlice(variant: "others", model: "others", version: 0)
        }
        lanes.insert(lane)
        lastLane = lane
        return lane
    }
}

extension Timestamp {
    /// When windows of rows are closed: as soon as they are.
    static let closed = Timestamp(milliseconds: 0)
}
