package import Wire

/// Which alerts of a monitor are open, as windows pass: pure, so that every path through it can be tested without a clock.
///
/// There is one alert for each topic: a family of findings in a slice of the traffic. Quiet → open when one finding was bad in
/// `windows` of the last `of` judged windows; open → quiet after `windows` judged windows in a row without any bad finding of
/// the topic. While it is open more trouble keeps it open and opens nothing.
///
/// Where hours and days are judged too, the windows of each length are counted by themselves: an alert opens with the first
/// length that finds its trouble lasting, and closes when none does any more.
///
/// What is kept is the last few windows with what was bad in them, so that a window that is judged anew, because labels came
/// late, takes the place of its former self.
package struct AlertState: Sendable, Hashable {
    /// What one alert is about.
    package struct Topic: Sendable, Hashable {
        package let family: Finding.Family
        package let slice: TrafficSlice

        package init(_ family: Finding.Family, in slice: TrafficSlice = .whole) {
            self.family = family
            self.slice = slice
        }
    }

    /// How long trouble must last: bad in `windows` of the last `of` windows.
    package struct Persistence: Sendable, Hashable {
        package let windows: Int
        package let of: Int

        /// - Parameter of: nil for windows in a row.
        package init(windows: Int, of: Int? = nil) {
            self.windows = max(1, windows)
            self.of = max(self.windows, of ?? windows)
        }
    }

    /// A judged window.
    package struct Moment: Sendable, Hashable {
        /// Counts up; also of windows that are judged anew.
        package let window: Int
        package let length: WindowLength
        package let start: Timestamp

        package init(window: Int, length: WindowLength = .window, start: Timestamp) {
            self.window = window
            self.length = length
            self.start = start
        }
    }

    package enum Step: Sendable, Hashable {
        /// The findings that were bad long enough, as they stand in this window, and the start of the first bad window.
        case opens(Topic, lasting: [Finding], since: Timestamp, windows: Int)
        /// An open alert goes on; `lasting` have been bad long enough now. A window that was bad before is not newly bad.
        case stays(Topic, lasting: [Finding], isNewlyBad: Bool)
        case closes(Topic)
    }

    /// The last judged windows of a topic, of each length the oldest first, with what was bad in each.
    struct Track: Sendable, Hashable {
        /// The lengths that find trouble lasting.
        var openBy: Set<WindowLength> = []
        var windows: [Judged] = []

        var isOpen: Bool { !openBy.isEmpty }

        struct Judged: Sendable, Hashable {
            let moment: Moment
            var bad: Set<Mark>
        }
    }

    /// A finding's key within its topic.
    struct Mark: Sendable, Hashable {
        let code: String
        let subject: String?

        init(code: String, subject: String?) {
            self.code = code
            self.subject = subject
        }

        init(_ finding: Finding) {
            self.init(code: finding.code, subject: finding.subject)
        }
    }

    var tracks: [Topic: Track]

    package init() {
        tracks = [:]
    }

    /// The topics whose alerts are open.
    package var open: [Topic] {
        tracks.filter(\.value.isOpen).map(\.key).sorted()
    }

    /// Takes note of what was found in a judged window.
    ///
    /// A topic of which nothing is said was clean, provided that the window judged its slice; one of which nothing could be
    /// said (all findings `unknown`) is left as it is.
    /// - Parameters:
    ///   - slices: what the window judged besides the slices of the findings.
    ///   - families: what it was judged by; nothing is taken note of in others, be it good or bad.
    package mutating func observe(
        _ findings: [Finding], at moment: Moment, slices: Set<TrafficSlice> = [.whole],
        families: Set<Finding.Family> = Set(Finding.Family.allCases), persistence: Persistence
    ) -> [Step] {
        let findings = findings.filter { families.contains($0.family) }
        let found = Dictionary(grouping: findings) { Topic($0.family, in: $0.slice) }
        let judged = slices.union(findings.map(\.slice))
        let silent = tracks.keys.filter {
            found[$0] == nil && families.contains($0.family) && judged.contains($0.slice)
        }
        return (found.keys + silent).sorted().compactMap { topic in
            let said = found[topic] ?? []
            guard said.isEmpty || said.contains(where: { $0.verdict != .unknown }) else { return nil }
            return observe(said.filter { $0.verdict == .bad }, of: topic, at: moment, persistence)
        }
    }

    private mutating func observe(
        _ bad: [Finding], of topic: Topic, at moment: Moment, _ persistence: Persistence
    ) -> Step? {
        var track = tracks[topic] ?? Track()
        // It was counted when it was new, and so much later it changes nothing.
        guard !track.hasForgotten(moment, keeping: persistence.of) else { return nil }
        let (wasBad, wasOpen) = (track.isBad(moment), track.isOpen)
        track.note(Set(bad.map(Mark.init)), at: moment, keeping: persistence.of)
        defer { tracks[topic] = track.isWorthKeeping ? track : nil }
        let lasting = bad.filter { track.count(of: Mark($0), moment.length) >= persistence.windows }
        if !lasting.isEmpty {
            track.openBy.insert(moment.length)
        } else if track.isClean(last: persistence.windows, moment.length) {
            track.openBy.remove(moment.length)
        }
        guard track.isOpen else { return wasOpen ? .closes(topic) : nil }
        guard !wasOpen else { return .stays(topic, lasting: lasting, isNewlyBad: !bad.isEmpty && !wasBad) }
        guard let first = lasting.compactMap({ track.first(of: Mark($0), moment.length) }).min() else { return nil }
        let windows = track.of(moment.length).count { !$0.bad.isEmpty && $0.moment.start >= first }
        return .opens(topic, lasting: lasting, since: first, windows: windows)
    }

    /// Forgets what was found by lengths that are judged no more.
    /// - Returns: the topics whose alerts nothing else holds open.
    package mutating func keep(only lengths: Set<WindowLength>) -> [Step] {
        var closed: [Topic] = []
        for (topic, former) in tracks where !lengths.isSuperset(of: former.windows.map(\.moment.length)) {
            var track = former
            track.windows.removeAll { !lengths.contains($0.moment.length) }
            track.openBy.formIntersection(lengths)
            if former.isOpen, !track.isOpen { closed.append(topic) }
            tracks[topic] = track.isWorthKeeping ? track : nil
        }
        return closed.sorted().map { .closes($0) }
    }

    /// Takes note that the alert of a topic was closed otherwise, so that the same trouble may open another.
    package mutating func close(_ topic: Topic) {
        tracks[topic] = nil
    }
}

extension AlertState.Topic: Comparable {
    package static func < (a: AlertState.Topic, b: AlertState.Topic) -> Bool {
        (a.family.rawValue, a.slice.words) < (b.family.rawValue, b.slice.words)
    }
}

extension AlertState.Track {
    func of(_ length: WindowLength) -> [Judged] { windows.filter { $0.moment.length == length } }

    /// Takes in a window, or what is said anew of one; the oldest of its length beyond `limit` is forgotten.
    mutating func note(_ bad: Set<AlertState.Mark>, at moment: AlertState.Moment, keeping limit: Int) {
        if let place = windows.firstIndex(where: { $0.moment.window == moment.window }) {
            windows[place].bad = bad
        } else {
            let place = windows.firstIndex { $0.moment.window > moment.window } ?? windows.endIndex
            windows.insert(Judged(moment: moment, bad: bad), at: place)
        }
        let forgotten = of(moment.length).dropLast(limit).map(\.moment.window)
        windows.removeAll { forgotten.contains($0.moment.window) }
    }

    /// Whether a window is judged anew after as many others of its length as are kept.
    func hasForgotten(_ moment: AlertState.Moment, keeping limit: Int) -> Bool {
        let kept = of(moment.length)
        guard let oldest = kept.first, kept.count >= limit else { return false }
        return moment.window < oldest.moment.window
    }

    func count(of mark: AlertState.Mark, _ length: WindowLength) -> Int {
        of(length).count { $0.bad.contains(mark) }
    }

    func first(of mark: AlertState.Mark, _ length: WindowLength) -> Timestamp? {
        of(length).first { $0.bad.contains(mark) }?.moment.start
    }

    func isBad(_ moment: AlertState.Moment) -> Bool {
        windows.contains { $0.moment.window == moment.window && !$0.bad.isEmpty }
    }

    func isClean(last count: Int, _ length: WindowLength) -> Bool {
        let judged = of(length)
        return judged.count >= count && judged.suffix(count).allSatisfy(\.bad.isEmpty)
    }

    var isWorthKeeping: Bool { isOpen || windows.contains { !$0.bad.isEmpty } }
}
