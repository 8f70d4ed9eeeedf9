package import Incidents
import Statistics
package import Wire

/// Finds what each slice of a window is to be compared with: what the monitor chose, and where that says nothing the slice's
/// own first rows.
package struct ReferenceDesk: Sendable {
    let references: ReferenceStore
    let windows: WindowStore
    let clock: WallClock
    private let workshop: ReferenceWorkshop

    package init(references: ReferenceStore, windows: WindowStore, clock: WallClock) {
        self.references = references
        self.windows = windows
        self.clock = clock
        workshop = ReferenceWorkshop(references: references, clock: clock)
    }

    /// References that were found, so that those that stay are not read for each window.
    package struct Shelf: Sendable {
        fileprivate var chosen: [TrafficSlice: (reference: Reference?, until: Timestamp)] = [:]
        var baselines: [TrafficSlice: Reference] = [:]
        /// How many rows a slice still lacks to have a baseline. Nothing is asked before they came: a rare segment would have all
        /// its records read for each window, for ever.
        var lacking: [TrafficSlice: Int] = [:]

        package init() {}
    }

    /// How long a reference is taken for what it was.
    private static let lifetime = Duration.seconds(300)
    /// How long windows wait to be judged for a reference that is being made.
    static let patience = Duration.seconds(600)

    /// What the lane of a window and its segments are compared with; a slice without is left out.
    /// - Parameter records: what was counted of each.
    /// - Throws: `ReferencePending` while the one that the monitor chose is being made.
    func references(
        for window: TrafficWindow, _ records: [TrafficSlice: WindowRecord], of monitor: Monitor, _ shelf: inout Shelf
    ) async throws -> [TrafficSlice: Reference] {
        var found: [TrafficSlice: Reference] = [:]
        guard !monitor.reference.isMoving else {
            for (slice, record) in records {
                found[slice] = try await moving(for: slice, record, of: window, monitor)
            }
            return found
        }
        let chosen = try await chosen(for: window, monitor, &shelf)
        // The lane first: what cells it gives to columns its segments have, too.
        for (slice, record) in records.sorted(by: { ($0.key.segment ?? "") < ($1.key.segment ?? "") }) {
            let baseline = try await baseline(
                of: slice, in: window, chosen: chosen, rows: record.keptRows, monitor, &shelf)
            found[slice] = slice.segment == nil ? chosen?.completed(by: baseline) ?? baseline : baseline
        }
        return found
    }

    private func chosen(
        for window: TrafficWindow, _ monitor: Monitor, _ shelf: inout Shelf
    ) async throws -> Reference? {
        let kept = shelf.chosen[window.lane]
        if let kept, clock.now < kept.until { return kept.reference }
        let reference: Reference?
        switch try await fixed(
            monitor, model: window.lane.model ?? "", version: window.lane.version ?? 0,
            rows: monitor.drift.mode.rowLimit, known: kept?.reference)
        {
        case .there(let made): reference = made
        case .making(let since, _) where clock.now < since + Self.patience: throw ReferencePending()
        case .making: reference = nil
        }
        // What a version began with goes with the model that it was.
        if let former = kept?.reference, let reference, former.madeAt != reference.madeAt {
            shelf.baselines = shelf.baselines.filter { $0.key.lane != window.lane }
            shelf.lacking = shelf.lacking.filter { $0.key.lane != window.lane }
        }
        // One that is not there may come any time.
        let until = clock.now + (reference == nil ? .seconds(10) : Self.lifetime)
        shelf.chosen[window.lane] = (reference, until)
        return reference
    }

    private enum Fixed {
        /// Nil when it cannot be made.
        case there(Reference?)
        /// - Parameter isReplaced: another takes the place of one that was there.
        case making(since: Timestamp, isReplaced: Bool)
    }

    /// One that is not there yet is made beside.
    /// - Parameters:
    ///   - rows: how many of its rows are read at most.
    ///   - known: what there was before.
    private func fixed(
        _ monitor: Monitor, model: String, version: Int, rows: Int, known: Reference? = nil
    ) async throws -> Fixed {
        let standing = try await references.standing(
            monitor.reference, endpoint: monitor.endpoint, model: model, version: version, rows: rows, known: known)
        let order = order(of: monitor, model: model, version: version)
        switch standing {
        case .made(let reference): return .there(reference)
        case .failed: return .there(nil)
        // Where it was tried in vain it does without rows.
        case .rowless(let reference) where await workshop.hasRemade(order): return .there(reference)
        case .rowless: return .making(since: try await workshop.take(order, isThere: true), isReplaced: false)
        case .replaced: return .making(since: try await workshop.take(order), isReplaced: true)
        case .due: return .making(since: try await workshop.take(order), isReplaced: false)
        }
    }

    private func order(of monitor: Monitor, model: String, version: Int) -> ReferenceWorkshop.Order {
        ReferenceWorkshop.Order(
            choice: monitor.reference, endpoint: monitor.endpoint, model: model, version: version)
    }

    /// Waits until all references that are being made are there, or cannot be.
    /// - Returns: whether there was any.
    func finishReferences() async -> Bool { await workshop.finish() }

    /// What a slice was like in other windows. Its first rows do not stand in for them: they are of another hour.
    /// - Parameter counted: what the window holds; columns that wait in others are sorted into its cells.
    private func moving(
        for slice: TrafficSlice, _ counted: WindowRecord, of window: TrafficWindow, _ monitor: Monitor
    ) async throws -> Reference? {
        var record: WindowRecord?
        switch monitor.reference {
        case .previous(let count):
            // An alert looks at several windows: had the second one the first among those that it is compared with, what
            // changed would look like less of a change.
            record = try await previous(count, skipping: monitor.alarms.of - 1, of: slice, before: window)
        case .season(let season): record = try await lastSeason(season, of: slice, window)
        case .logged, .production, .file: record = nil
        }
        record?.settle(like: counted)
        return record.flatMap { reference(of: $0, for: window, monitor.reference.words) }
    }

    private func previous(
        _ count: Int, skipping skipped: Int, of slice: TrafficSlice, before window: TrafficWindow
    ) async throws -> WindowRecord? {
        let former = try await windows(before: window, limit: count + skipped).dropLast(skipped).suffix(count)
        guard former.count == count else { return nil }
        var merged = WindowRecord()
        for each in former {
            if let record = try await windows.records(of: each)[slice] { merged.merge(record) }
        }
        return merged
    }

    private func windows(before window: TrafficWindow, limit: Int) async throws -> [TrafficWindow] {
        guard window.length == .window else { return try await windows.merged(before: window, limit: limit) }
        return try await windows.windows(of: window.monitor, lane: window.lane, at: clock.now, limit: limit + 24)
            .filter { $0.number < window.number && $0.source == window.source }
    }

    /// Whole hours, because what is older is kept by hours only; of whatever version answered then.
    private func lastSeason(
        _ season: ReferenceChoice.Season, of slice: TrafficSlice, _ window: TrafficWindow
    ) async throws -> WindowRecord? {
        let back = Duration.zero - season.length
        let ofAnyVersion = TrafficSlice(variant: slice.variant, model: slice.model, segment: slice.segment)
        let last = max(window.start, window.end + (.zero - .milliseconds(1)))
        return try await windows.merged(
            monitor: window.monitor, slice: ofAnyVersion, from: (window.start + back).start(ofMinutes: 60),
            to: (last + back).start(ofMinutes: 60) + .seconds(3_600))
    }

    private func reference(of record: WindowRecord, for window: TrafficWindow, _ words: String) -> Reference? {
        guard record.keptRows >= MonitorWindow.minimumRows else { return nil }
        return Reference(
            of: record, model: window.lane.model ?? "", version: window.lane.version ?? 0, context: words, at: clock.now
        )
    }

    /// Why a lane has no reference; nil when it has one, or needs none.
    /// - Parameter found: what there is.
    func absence(of window: TrafficWindow, _ monitor: Monitor, found: [TrafficSlice: Reference]) async throws -> String?
    {
        guard !monitor.reference.isMoving else {
            return found[window.lane] == nil ? "There is nothing yet of \(monitor.reference.words)." : nil
        }
        let (model, version) = (window.lane.model ?? "", window.lane.version ?? 0)
        if await workshop.isMaking(order(of: monitor, model: model, version: version)) {
            let minutes = Self.patience.components.seconds / 60
            return "Reading \(monitor.reference.words) takes longer than \(minutes) minutes."
        }
        if found[window.lane]?.context == monitor.reference.key(endpoint: monitor.endpoint) { return nil }
        return try await references.failure(
            of: monitor.reference, endpoint: monitor.endpoint, model: model, version: version)
    }

    /// What the columns of a version are sorted into, for the feed of windows.
    package func anchors(for monitor: Monitor, model: String, version: Int) async throws -> AnchorAnswer {
        let there: Reference?
        switch try await fixed(monitor, model: model, version: version, rows: 0) {
        case .there(let made): there = made
        case .making(_, let isReplaced): return .making(isReplaced: isReplaced)
        }
        return .known(there?.anchors)
    }
}
