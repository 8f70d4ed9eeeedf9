import Foundation
import Testing

@testable import Monitoring

/// Streams whose law is known, through the same types that judge production: how often alerts open while nothing changes, and
/// how soon once something does, with each detector that a manifest can name. `MARTLET_SIMULATIONS` says how many streams of
/// each kind are drawn; more than the usual ones print what they found.
@Suite(.timeLimit(.minutes(10))) struct SimulationTests {
    typealias Change = SimulatedTraffic.Change

    private static let streams =
        ProcessInfo.processInfo.environment["MARTLET_SIMULATIONS"].flatMap { Int($0) } ?? 1

    private static let windowRows = 200
    private static let referenceRows = 2_000

    /// What a manifest can say of when findings are an alert, and of what windows are compared with.
    enum Detector: String, CaseIterable, Sendable {
        case standard = "2 of 3"
        case lasting = "3 of 5"
        case single = "1 of 1"
        case cusum = "cusum"
        case hours = "merged: [hour]"
        case previous = "previous: 3"
        case season = "season: day"

        func spec(_ more: String = "", alarms: String = "") -> String {
            let rule =
                switch self {
                case .lasting: "windows: 3, of: 5"
                case .single: "windows: 1, of: 1"
                case .cusum: "detector: cusum"
                case .standard, .hours, .previous, .season: "windows: 2, of: 3"
                }
            let minutes = self == .season ? 240 : self == .hours ? 10 : 60
            let reference =
                switch self {
                case .previous: ", reference: {previous: 3}"
                case .season: ", reference: {season: day}"
                case .hours: ", merged: [hour]"
                default: ""
                }
            let whole = alarms.isEmpty ? rule : "\(rule), \(alarms)"
            return "{endpoint: a, window: {minutes: \(minutes)}\(reference), alarms: {\(whole)}\(more)}"
        }

        var windowsAMonth: Double { self == .season ? 180 : self == .hours ? 4_320 : 720 }

        /// Windows that it has nothing to compare with.
        var windowsBefore: Int {
            switch self {
            case .previous: 5
            case .season: SimulatedTraffic.windowsADay
            default: 0
            }
        }

        /// Within how many rows of a change an alert is open: the numbers of docs/reference/monitoring.md. Nil where nothing is
        /// promised.
        func promisedRows(_ change: Change) -> Int? {
            switch (self, change) {
            case (_, .nothing), (.previous, .gradual), (.season, .gradual), (.previous, .slight), (.season, .slight):
                nil
            // Of so few rows on both sides it is near the least effect that counts, and a day later there is none.
            case (.season, .scale): nil
            case (_, .slight), (_, .gradual): 4_000
            case (_, .shape), (_, .sliceOnly): 1_600
            // A day: then the day before has changed, too.
            case (.season, _): 1_200
            case (.lasting, _), (.cusum, _): 1_000
            case (.single, _): 400
            default: 800
            }
        }
    }

    // MARK: While nothing changes

    /// Detectors with how many false alarms a month they may give.
    private static let knobs: [(detector: Detector, perMonth: Double)] =
        Detector.allCases.map { ($0, 200) } + [(.standard, 20), (.cusum, 20), (.standard, 2)]

    /// A month of hourly windows in streams of their own references, because windows of one stream share what its reference
    /// happens to lie off. There is no least effect, so that only the level of the tests keeps alerts from opening.
    ///
    /// No more may open than the knob says, which lets a monitor that opens twice as many pass with a probability of 10⁻²⁶ at
    /// 200 a month, and of 4·10⁻⁴ at 20 (a Poisson variable of twice the mean being at most the mean).
    @Test func whileNothingChangesNoMoreAlertsOpenThanTheKnobSays() throws {
        let (streams, windows) = (16 * Self.streams, 45)
        var monitors = try Self.knobs.map { detector, perMonth in
            let drift = ", drift: {minimum_effect: 0, false_discovery_rate: 0.5}"
            return try SimulatedMonitor(detector.spec(drift, alarms: "false_alarms_per_month: \(perMonth)"))
        }
        var openings = [Int](repeating: 0, count: monitors.count)
        for stream in 0..<streams {
            var traffic = SimulatedTraffic(seed: UInt64(10_000 + stream))
            let first = traffic.rows(Self.referenceRows)
            let anchors = first.anchors
            let reference = first.profiles(anchors, hasSegment: false)
            for place in monitors.indices { monitors[place].begin(with: reference) }
            for _ in 0..<windows {
                let profiles = traffic.rows(Self.windowRows).profiles(anchors, hasSegment: false)
                for place in monitors.indices where monitors[place].judge(profiles) != nil { openings[place] += 1 }
            }
        }
        for ((detector, perMonth), openings) in zip(Self.knobs, openings) {
            let judged = Double(streams * (windows - detector.windowsBefore))
            let allowed = perMonth * judged / detector.windowsAMonth
            if Self.streams > 1 {
                print("\(detector.rawValue): \(openings) alerts in \(judged) windows, \(allowed) were allowed")
            }
            #expect(Double(openings) <= allowed, "\(detector.rawValue) at \(perMonth) a month")
        }
        #expect(openings[0] > 0, "Else the levels are no test.")
    }

    // MARK: Once something changes

    @Test(arguments: Change.allCases.filter { $0 != .nothing })
    func aChangeIsFoundWithinTheRowsPromised(change: Change) throws {
        var needed: [Detector: [Int?]] = [:]
        for stream in 0..<Self.streams {
            for (detector, rows) in try Self.rowsNeeded(change, seed: UInt64(900 + stream)) {
                needed[detector, default: []].append(rows)
                guard let promised = detector.promisedRows(change) else { continue }
                #expect(rows ?? .max <= promised, "\(change) by \(detector.rawValue), stream \(stream)")
            }
        }
        guard Self.streams > 1 else { return }
        for detector in Detector.allCases {
            let sorted = (needed[detector] ?? []).map { $0 ?? 99_999 }.sorted()
            guard let most = sorted.last else { continue }
            print("\(change) by \(detector.rawValue): median \(sorted[sorted.count / 2]) rows, at most \(most)")
        }
    }

    /// How many rows of a change each detector needs; nil for one that does not find it.
    private static func rowsNeeded(_ change: Change, seed: UInt64) throws -> [Detector: Int?] {
        var traffic = SimulatedTraffic(seed: seed)
        let hasSegment = change == .sliceOnly
        let first = traffic.rows(referenceRows)
        let anchors = first.anchors
        let reference = first.profiles(anchors, hasSegment: hasSegment)
        let least = change == .slight ? ", drift: {minimum_effect: 0.05}" : ""
        var monitors = try Detector.allCases.map { ($0, try SimulatedMonitor($0.spec(least))) }
        for place in monitors.indices { monitors[place].1.begin(with: reference) }
        for _ in 0..<SimulatedTraffic.windowsADay {
            let profiles = traffic.rows(windowRows).profiles(anchors, hasSegment: hasSegment)
            for place in monitors.indices { _ = monitors[place].1.judge(profiles) }
        }
        var needed: [Detector: Int?] = Dictionary(uniqueKeysWithValues: Detector.allCases.map { ($0, nil) })
        for window in 1...20 {
            guard monitors.contains(where: { needed[$0.0] == .some(nil) }) else { break }
            let profiles = traffic.rows(windowRows, change, window: window).profiles(anchors, hasSegment: hasSegment)
            for place in monitors.indices where needed[monitors[place].0] == .some(nil) {
                guard let found = monitors[place].1.judge(profiles), found.contains(change.subject) else { continue }
                needed[monitors[place].0] = window * windowRows
            }
        }
        return needed
    }

    // MARK: Traffic that goes up and down with the day

    /// A week: with its season as reference it is quiet, and a shift on top of it is found; with training data of all
    /// hours every night and every noon is drift.
    @Test func theDayIsNoDriftToAMonitorThatKnowsIt() throws {
        for stream in 0..<Self.streams {
            var traffic = SimulatedTraffic(seed: UInt64(300 + stream), isSeasonal: true)
            let first = traffic.rows(Self.referenceRows)
            let anchors = first.anchors
            let reference = first.profiles(anchors, hasSegment: true)
            var seasonal = try SimulatedMonitor(Detector.season.spec())
            var blind = try SimulatedMonitor(Detector.standard.spec())
            seasonal.begin(with: reference)
            blind.begin(with: reference)
            var (openings, blindOpenings) = (0, 0)
            let windows = 7 * SimulatedTraffic.windowsADay
            for window in 0..<windows {
                let rows = traffic.rows(Self.windowRows, hour: window % SimulatedTraffic.windowsADay)
                let profiles = rows.profiles(anchors, hasSegment: true)
                if seasonal.judge(profiles) != nil { openings += 1 }
                if blind.judge(profiles) != nil { blindOpenings += 1 }
            }
            #expect(openings == 0)
            #expect(blindOpenings > 0, "Else the day would be no test.")
            var found: Int?
            for window in 0..<4 where found == nil {
                let rows = traffic.rows(Self.windowRows, .shift, hour: window % SimulatedTraffic.windowsADay)
                if seasonal.judge(rows.profiles(anchors, hasSegment: true))?.contains("age") ?? false {
                    found = (window + 1) * Self.windowRows
                }
            }
            if Self.streams > 1 { print("A shift on top of the day: \(found ?? 0) rows") }
            #expect(found ?? .max <= 800)
        }
    }

    @Test func asManifestsAreByDefaultNoneOpens() throws {
        var monitors = try Detector.allCases.map { try SimulatedMonitor($0.spec()) }
        for stream in 0..<Self.streams {
            var traffic = SimulatedTraffic(seed: UInt64(500 + stream))
            let first = traffic.rows(Self.referenceRows)
            let anchors = first.anchors
            let reference = first.profiles(anchors, hasSegment: true)
            for place in monitors.indices { monitors[place].begin(with: reference) }
            for _ in 0..<20 {
                let profiles = traffic.rows(Self.windowRows).profiles(anchors, hasSegment: true)
                for place in monitors.indices { #expect(monitors[place].judge(profiles) == nil) }
            }
        }
    }
}
