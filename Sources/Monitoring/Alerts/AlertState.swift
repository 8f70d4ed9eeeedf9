package import Wire

/// Whether a monitor is alerted, as windows pass: pure, so that every path through it can be tested without a clock.
///
/// quiet → open when a column has drifted in `windows` judged windows in a row; open → quiet after as many judged windows in
/// a row without any drift. While it is open more drift keeps it open and opens nothing.
package struct AlertState: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Next: open.
        case quiet
        /// `cleanWindows` in a row were without drift. Next: open with another count, or quiet.
        case open(cleanWindows: Int)
    }

    /// How long a column has been drifting without a break.
    package struct Streak: Sendable, Hashable {
        package var windows: Int
        /// The start of its first window.
        package let since: Timestamp
    }

    package enum Step: Sendable, Hashable {
        case nothing
        /// The columns that drifted long enough, by name, and since when.
        case opens(columns: [String], since: Timestamp)
        /// Drift goes on (or pauses); `columns` have drifted long enough now.
        case stays(columns: [String], isDrifting: Bool)
        case closes
    }

    package private(set) var phase: Phase
    package private(set) var streaks: [String: Streak]

    package init(phase: Phase = .quiet, streaks: [String: Streak] = [:]) {
        self.phase = phase
        self.streaks = streaks
    }

    /// Takes note of a judged window that started at `start`.
    package mutating func observe(drifting: [String], start: Timestamp, persistence: Int) -> Step {
        streaks = Dictionary(
            drifting.map { name in
                let former = streaks[name]
                return (name, Streak(windows: (former?.windows ?? 0) + 1, since: former?.since ?? start))
            }, uniquingKeysWith: { first, _ in first })
        let lasting = streaks.filter { $0.value.windows >= persistence }
        let columns = lasting.keys.sorted()
        switch phase {
        case .quiet:
            guard let since = lasting.values.map(\.since).min() else { return .nothing }
            phase = .open(cleanWindows: 0)
            return .opens(columns: columns, since: since)
        case .open(let clean) where drifting.isEmpty:
            guard clean + 1 < persistence else {
                phase = .quiet
                return .closes
            }
            phase = .open(cleanWindows: clean + 1)
            return .stays(columns: columns, isDrifting: false)
        case .open:
            phase = .open(cleanWindows: 0)
            return .stays(columns: columns, isDrifting: true)
        }
    }

    /// Forgets how long columns have drifted: another model version has another reference, and its windows say nothing
    /// about the former one's. An open alert stays open.
    package mutating func startAnew() {
        streaks = [:]
    }
}

extension AlertState: JSONRepresentable {
    package var json: JSON {
        let clean: JSON? = if case .open(let windows) = phase { .integer(Int64(windows)) } else { nil }
        let streaks = streaks.sorted { $0.key < $1.key }.map { name, streak -> (String, JSON) in
            (name, ["windows": .integer(Int64(streak.windows)), "since": streak.since.json])
        }
        return .compact([
            "phase": clean == nil ? "quiet" : "open", "clean_windows": clean, "streaks": .members(streaks),
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a state.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        let isOpen = try fields.string("phase") == "open"
        phase = isOpen ? .open(cleanWindows: Int(try fields.integer("clean_windows"))) : .quiet
        let list = try fields.value("streaks")?.memberList ?? []
        streaks = Dictionary(
            try list.map { name, value in
                let streak = try Fields(value)
                let since = Timestamp(milliseconds: try streak.integer("since"))
                return (name, Streak(windows: Int(try streak.integer("windows")), since: since))
            }, uniquingKeysWith: { first, _ in first })
    }
}
