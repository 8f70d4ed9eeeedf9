import Incidents
import Predictions
import Statistics
import Wire

/// Counts predictions into records and windows. A value without any input or output: `WindowFeed` reads what it needs and
/// stores what it has.
struct WindowCounter: Sendable {
    struct Live: Sendable {
        var record: WindowRecord
        /// Counts changes, so that one during a flush is not lost.
        var generation = 0
        var stored = 0
        var isChanged: Bool { generation != stored }
    }

    struct Feed: Sendable {
        let plan: WindowPlan
        var cutter: WindowCutter
        var segments: SegmentMatcher
        var lanes: Set<TrafficSlice> = []
        var lastLane: TrafficSlice?

        /// - Parameter segments: the names that there are already.
        init(_ plan: WindowPlan, _ cutter: WindowCutter, segments: [String] = []) {
            self.plan = plan
            self.cutter = cutter
            self.segments = SegmentMatcher(plan.segments, known: segments)
        }
    }

    let source: String
    private let waitingLimit: Int
    /// Up to which all is counted.
    private(set) var position: JournalPosition?
    private var storedPosition: JournalPosition?
    private(set) var feeds: [String: Feed] = [:]
    private(set) var books: [ColumnBook.Key: ColumnBook] = [:]
    private(set) var live: [WindowKey: Live] = [:]
    private(set) var growth: [WindowFlush.Lane: TrafficGrowth] = [:]
    /// What was taken to be stored and may not be.
    private var unstored: Taken?
    /// Their names, by monitor.
    private var storedAnchors: [String: Set<UInt64>] = [:]

    /// What is to be stored, with the generations of its records.
    struct Taken: Sendable {
        var flush: WindowFlush
        var generations: [WindowKey: Int] = [:]
    }

    /// - Parameter waitingLimit: how many values may wait for references that are being made.
    init(source: String, position: JournalPosition?, waitingLimit: Int = WindowPolicy.waitingValues) {
        self.source = source
        self.waitingLimit = waitingLimit
        self.position = position
        storedPosition = position
    }

    /// The monitors that watch an endpoint.
    func monitors(of endpoint: String) -> [String] {
        feeds.values.filter { $0.plan.endpoint == endpoint }.map(\.plan.monitor).sorted()
    }

    // MARK: Counting

    /// Says where rows belong, and changes nothing.
    /// - Parameter arrival: when they came; nil for at their own times.
    func place(_ predictions: ArraySlice<Prediction>, _ table: RowTable, arrival: Timestamp? = nil) -> Placement {
        var placement = Placement(source: source, arrival: arrival)
        let endpoints = Set(predictions.turns.lazy.map { predictions[$0].endpoint })
        for feed in feeds.values where endpoints.contains(feed.plan.endpoint) {
            placement.place(predictions, table, by: feed)
        }
        return placement
    }

    /// The records that must be read before a placement can be applied.
    func missing(_ placement: Placement) -> [WindowKey] {
        placement.rows.keys.filter { live[$0] == nil }
    }

    /// Takes over what is stored of records; one that is not stored is empty.
    mutating func insert(_ stored: [WindowKey: WindowRecord], for keys: [WindowKey]) {
        for key in keys where live[key] == nil { live[key] = Live(record: stored[key] ?? WindowRecord()) }
    }

    /// Counts rows where they were placed, which nothing may have changed since.
    mutating func count(
        _ predictions: ArraySlice<Prediction>, _ table: RowTable, _ placement: Placement, upTo end: JournalPosition
    ) {
        let requests = RequestRows(predictions)
        for (key, rows) in placement.rows {
            let bookKey = ColumnBook.Key(key)
            let keepsRows = key.slice.segment == nil || feeds[key.monitor]?.plan.keepsSegmentRows == true
            let isContinued = placement.isContinued(key, rows, requests)
            live[key]?.record.count(
                rows, of: predictions, table, requests, isContinued: isContinued, by: books[bookKey],
                keepsRows: keepsRows)
            live[key]?.generation += 1
            if key.slice.segment == nil { books[bookKey]?.sample(rows, of: table) }
        }
        growth.merge(placement.growth) { $0.merged(with: $1) }
        feeds.merge(placement.feeds) { _, later in later }
        position = end
    }

    /// The columns that can be given anchors now. When too many values wait for references no column waits any longer.
    mutating func ripe() -> [ColumnBook.Key: WindowAnchors] {
        let waiting = books.filter(\.value.isWaiting)
        if waiting.values.reduce(0, { $0 + $1.waitingValues }) > waitingLimit {
            for key in waiting.keys { books[key]?.stopWaiting() }
        }
        return books.compactMapValues(\.ripe)
    }

    /// The versions whose columns wait for a reference that is being made.
    var waitingBooks: [ColumnBook.Key] { books.filter(\.value.isWaiting).map(\.key) }

    /// Gives columns their anchors, in the records that take rows too.
    mutating func fix(_ anchors: WindowAnchors, of key: ColumnBook.Key) {
        books[key]?.fix(anchors)
        settle(key)
    }

    /// Sorts what waits in the records of a version by the anchors that there are now.
    private mutating func settle(_ key: ColumnBook.Key) {
        guard let book = books[key] else { return }
        for place in live.keys where ColumnBook.Key(place) == key {
            if live[place]?.record.settle(by: book) == true { live[place]?.generation += 1 }
        }
    }

    /// Notes that there was nothing to count.
    mutating func passOver(upTo end: JournalPosition) {
        position = position.map { max($0, end) } ?? end
    }

    // MARK: Monitors

    /// Counts for a monitor from now on, or in another way.
    mutating func take(_ feed: Feed) {
        books = books.filter { $0.key.monitor != feed.plan.monitor }
        feeds[feed.plan.monitor] = feed
    }

    mutating func open(_ book: ColumnBook, of key: ColumnBook.Key) {
        var book = book
        if let former = books[key] { book.takeOver(former) }
        books[key] = book
        settle(key)
    }

    /// Goes on with a book for a while.
    mutating func prolong(_ key: ColumnBook.Key, at now: Timestamp, isMaking: Bool) {
        books[key]?.prolong(at: now, isMaking: isMaking)
    }

    /// Closes windows whose last row came before a moment.
    mutating func closeIdle(since moment: Timestamp) {
        for monitor in feeds.keys {
            close(feeds[monitor]?.cutter.closeIdle(since: moment) ?? [], of: monitor)
        }
    }

    mutating func close(_ windows: [WindowCutter.Window], of monitor: String) {
        var placement = Placement(source: source)
        for window in windows { placement.close(window, of: monitor) }
        growth.merge(placement.growth) { $0.merged(with: $1) }
    }

    /// Lets go of a monitor and of all that was not stored of it.
    mutating func remove(_ monitor: String) {
        feeds[monitor] = nil
        books = books.filter { $0.key.monitor != monitor }
        live = live.filter { $0.key.monitor != monitor }
        storedAnchors[monitor] = nil
        growth = growth.filter { $0.key.monitor != monitor }
    }

    // MARK: Storing

    var isChanged: Bool {
        unstored != nil || position != storedPosition || !growth.isEmpty || live.values.contains(where: \.isChanged)
    }

    /// Whether what was taken to be stored may not be.
    var hasUnstored: Bool { unstored != nil }

    /// Whether a window was closed that is not stored.
    var hasClosed: Bool { growth.values.contains { $0.closesAt == .closed } }

    var liveCount: Int { live.count }

    /// What has to be stored. Until `stored` is called it is the same again: whether it is in the database or not cannot be
    /// told from the journal's place of something that was counted later.
    mutating func takeFlush() -> Taken {
        if let unstored { return unstored }
        var taken = Taken(flush: WindowFlush(source: source, former: storedPosition, position: position))
        for (key, one) in live where one.isChanged {
            taken.flush.records[key] = one.record
            taken.generations[key] = one.generation
            let stored = storedAnchors[key.monitor] ?? []
            taken.flush.anchors[key.monitor, default: []].formUnion(
                one.record.anchors.filter { !stored.contains($0.id) })
        }
        taken.flush.growth = growth
        growth = [:]
        for monitor in Set(taken.flush.records.keys.map(\.monitor)).union(taken.flush.growth.keys.map(\.monitor)) {
            taken.flush.nextNumbers[monitor] = feeds[monitor]?.cutter.nextNumber
        }
        unstored = taken
        return taken
    }

    mutating func stored(_ taken: Taken, gone: Set<String>) {
        unstored = nil
        storedPosition = taken.flush.position
        for (key, generation) in taken.generations { live[key]?.stored = generation }
        for (monitor, anchors) in taken.flush.anchors {
            storedAnchors[monitor, default: []].formUnion(anchors.map(\.id))
        }
        for monitor in gone { remove(monitor) }
    }

    /// Has what records rest on said anew with the next ones that are stored.
    mutating func sayAnchorsAnew() {
        storedAnchors = [:]
    }

    /// Lets go of records that are stored and older than a moment; of all that are stored when there are too many. Those whose
    /// columns wait for a reference stay: what waits is sorted here when it comes, unless they are so old that they may be rolled up.
    mutating func evict(before moment: Timestamp, rolledUpBefore old: Timestamp) {
        let isFull = live.count > WindowPolicy.liveRecords
        for key in live.keys where isFull || key.start < moment {
            let isWaiting = key.start >= old && books[ColumnBook.Key(key)]?.isWaiting == true
            if !isWaiting, live[key]?.isChanged == false { live[key] = nil }
        }
    }
}

extension ColumnBook.Key {
    init(_ key: WindowKey) {
        self.init(monitor: key.monitor, model: key.slice.model ?? "", version: key.slice.version ?? 0)
    }
}
