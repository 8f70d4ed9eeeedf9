import Testing
import Wire

@testable import Incidents

@Suite struct AlertStateTests {
    private static let drift = AlertState.Topic(.drift)

    private static func start(_ index: Int) -> Timestamp { Timestamp(milliseconds: Int64(index) * 60_000) }

    private static func moment(_ index: Int) -> AlertState.Moment {
        AlertState.Moment(window: index + 1, start: start(index))
    }

    private static func finding(
        _ subject: String, _ verdict: Finding.Verdict = .bad, family: Finding.Family = .drift,
        in slice: TrafficSlice = .whole
    ) -> Finding {
        Finding(family, "drift", of: subject, in: slice, verdict: verdict, measure: "share", rows: 50, words: subject)
    }

    /// What a step says of the subjects, in short.
    private static func short(_ step: AlertState.Step) -> String {
        switch step {
        case .opens(_, let lasting, let since, _):
            "opens \(lasting.compactMap(\.subject).joined(separator: "+")) since \(since.milliseconds / 60_000)"
        case .stays(_, let lasting, let isNewlyBad):
            "stays \(lasting.compactMap(\.subject).joined(separator: "+"))\(isNewlyBad ? "!" : "")"
        case .closes: "closes"
        }
    }

    /// Passes windows through a state, each a list of bad columns, the n-th starting at minute n.
    private func steps(_ windows: [[String]], _ persistence: AlertState.Persistence) -> [String] {
        var state = AlertState()
        return windows.enumerated().map { index, bad in
            let steps = state.observe(
                bad.map { Self.finding($0) }, at: Self.moment(index), persistence: persistence)
            return steps.map(Self.short).joined()
        }
    }

    private static let twice = AlertState.Persistence(windows: 2)

    @Test func opensOnceWhenAColumnStaysBad() {
        #expect(steps([["a"], ["a", "b"], ["a"]], Self.twice) == ["", "opens a since 0", "stays a!"])
    }

    @Test func aWindowThatIsJudgedAnewIsCountedOnce() {
        var state = AlertState()
        var steps: [String] = []
        // All six are judged before the first three are judged again.
        for index in [0, 1, 2, 3, 4, 5, 0, 1, 2, 5] {
            steps += state.observe([Self.finding("a")], at: Self.moment(index), persistence: Self.twice).map(Self.short)
        }
        #expect(steps == ["opens a since 0", "stays a!", "stays a!", "stays a!", "stays a!", "stays a"])
    }

    @Test func aBreakBeginsTheCountAnew() {
        #expect(steps([["a"], [], ["a"], ["a"]], Self.twice) == ["", "", "", "opens a since 2"])
    }

    @Test func aBreakIsForgivenWhereTheRuleSaysSo() {
        let twoOfThree = AlertState.Persistence(windows: 2, of: 3)
        #expect(steps([["a"], [], ["a"]], twoOfThree) == ["", "", "opens a since 0"])
        #expect(steps([["a"], [], [], ["a"]], twoOfThree) == ["", "", "", ""])
    }

    @Test func differentColumnsInTurnAreNoLastingTrouble() {
        #expect(steps([["a"], ["b"], ["a"], ["b"]], Self.twice) == ["", "", "", ""])
    }

    @Test func closesAfterAsManyCleanWindowsAndMayOpenAgain() {
        #expect(
            steps([["a"], ["a"], [], ["b"], [], [], ["a"], ["a"]], Self.twice) == [
                "", "opens a since 0", "stays ", "stays !", "stays ", "closes", "", "opens a since 6",
            ])
    }

    @Test func oneWindowIsEnoughWhenTheRuleSaysSo() {
        #expect(
            steps([["a"], [], ["a"]], AlertState.Persistence(windows: 1)) == [
                "opens a since 0", "closes", "opens a since 2",
            ])
    }

    @Test func eachFamilyAndSliceHasAnAlertOfItsOwn() {
        var state = AlertState()
        let german = TrafficSlice(segment: "DE")
        let findings = [
            Self.finding("a"), Self.finding("a", family: .quality), Self.finding("a", in: german),
        ]
        let once = AlertState.Persistence(windows: 1)
        let opened = state.observe(findings, at: Self.moment(0), persistence: once)
        #expect(opened.count == 3)
        #expect(state.open.count == 3)
        // A window of all traffic says nothing of a slice that it did not judge.
        let next = state.observe([], at: Self.moment(1), persistence: once)
        #expect(next == [.closes(Self.drift), .closes(AlertState.Topic(.quality))])
        #expect(state.open == [AlertState.Topic(.drift, in: german)])
    }

    @Test func whatJudgesOneFamilyLeavesTheAlertsOfOthersAlone() {
        var state = AlertState()
        let once = AlertState.Persistence(windows: 1)
        _ = state.observe([Self.finding("a")], at: Self.moment(0), persistence: once)
        let clean = state.observe([], at: Self.moment(1), families: [.calls], persistence: once)
        #expect(clean == [])
        #expect(state.open == [Self.drift])
        state.close(Self.drift)
        let bad = state.observe([Self.finding("a")], at: Self.moment(1), families: [.performance], persistence: once)
        #expect(bad == [], "What a window said before is not said again by who looks at its labels.")
    }

    @Test func whatCannotBeSaidNeitherOpensNorCloses() {
        var state = AlertState()
        _ = state.observe([Self.finding("a")], at: Self.moment(0), persistence: Self.twice)
        for index in 1...4 {
            let steps = state.observe(
                [Self.finding("a", .unknown)], at: Self.moment(index), persistence: Self.twice)
            #expect(steps == [])
        }
        let steps = state.observe([Self.finding("a")], at: Self.moment(5), persistence: Self.twice)
        #expect(steps.map(Self.short) == ["opens a since 0"])
    }

    @Test func aWindowThatIsJudgedAnewTakesThePlaceOfItsFormerSelf() {
        var state = AlertState()
        for index in 0...2 { _ = state.observe([], at: Self.moment(index), persistence: Self.twice) }
        // Labels come late: two windows turn out to have been bad.
        _ = state.observe([Self.finding("f1")], at: Self.moment(1), persistence: Self.twice)
        let opened = state.observe([Self.finding("f1")], at: Self.moment(2), persistence: Self.twice)
        #expect(opened.map(Self.short) == ["opens f1 since 1"])
        let again = state.observe([Self.finding("f1")], at: Self.moment(2), persistence: Self.twice)
        #expect(again.map(Self.short) == ["stays f1"], "The same window is not counted twice.")
    }

    @Test func aWindowThatIsJudgedAnewIsNoSecondOneOfSeveral() {
        let twoOfThree = AlertState.Persistence(windows: 2, of: 3)
        var state = AlertState()
        for _ in 0..<3 {
            #expect(state.observe([Self.finding("a")], at: Self.moment(0), persistence: twoOfThree) == [])
        }
        // What it was before does not count either.
        _ = state.observe([], at: Self.moment(0), persistence: twoOfThree)
        #expect(state.observe([Self.finding("a")], at: Self.moment(1), persistence: twoOfThree) == [])
        let opened = state.observe([Self.finding("a")], at: Self.moment(2), persistence: twoOfThree)
        #expect(opened.map(Self.short) == ["opens a since 1"])
        // Nor does a window close an alert twice.
        for _ in 0..<2 { _ = state.observe([], at: Self.moment(3), persistence: twoOfThree) }
        #expect(state.open == [Self.drift])
        #expect(state.observe([], at: Self.moment(4), persistence: twoOfThree) == [.closes(Self.drift)])
    }

    /// Passes hours and the windows between them through a state; the n-th begins at minute n.
    private func steps(ofLengths windows: [(WindowLength, [String])]) -> (steps: [String], state: AlertState) {
        var state = AlertState()
        let steps = windows.enumerated().map { index, window in
            let moment = AlertState.Moment(window: index + 1, length: window.0, start: Self.start(index))
            let steps = state.observe(window.1.map { Self.finding($0) }, at: moment, persistence: Self.twice)
            return steps.map(Self.short).joined()
        }
        return (steps, state)
    }

    @Test func anHourFollowsAnHour() {
        let mixed = steps(ofLengths: [(.window, ["a"]), (.hour, ["a"]), (.window, []), (.day, ["a"]), (.hour, ["a"])])
        #expect(mixed.steps == ["", "", "", "", "opens a since 1"])
    }

    @Test func anAlertStaysWhileAnyLengthFindsItLasting() {
        let windows: [(WindowLength, [String])] = [
            (.window, ["a"]), (.window, ["a"]), (.hour, ["a"]), (.hour, ["a"]), (.window, []), (.window, []),
            (.hour, []), (.hour, []),
        ]
        let expected = ["", "opens a since 0", "stays !", "stays a!", "stays ", "stays ", "stays ", "closes"]
        #expect(steps(ofLengths: windows).steps == expected)
        // A length that never found it lasting holds nothing open.
        let once: [(WindowLength, [String])] = [
            (.window, ["a"]), (.window, ["a"]), (.hour, ["a"]), (.window, []), (.window, []),
        ]
        #expect(steps(ofLengths: once).steps.last == "closes")
    }

    @Test func aLengthThatIsJudgedNoMoreHoldsNothingOpen() throws {
        var state = steps(ofLengths: [(.window, ["b"]), (.hour, ["a"]), (.hour, ["a"])]).state
        #expect(try AlertState(json: JSON.parse(state.json.text)) == state)
        #expect(state.keep(only: [.window, .hour]) == [])
        #expect(state.open == [Self.drift])
        #expect(state.keep(only: [.window]) == [.closes(Self.drift)])
        #expect(state.open == [])
        let next = AlertState.Moment(window: 9, start: Self.start(9))
        let steps = state.observe([Self.finding("b")], at: next, persistence: Self.twice)
        #expect(steps.map(Self.short) == ["opens b since 0"], "What was found by windows is kept.")
    }

    @Test func survivesBeingStored() throws {
        var state = AlertState()
        #expect(try AlertState(json: state.json) == state)
        for (index, bad) in [["a", "b"], ["a"], []].enumerated() {
            _ = state.observe(bad.map { Self.finding($0) }, at: Self.moment(index), persistence: Self.twice)
            #expect(try AlertState(json: JSON.parse(state.json.text)) == state)
        }
    }

    /// What was stored while there were drifting columns only goes on where it was.
    @Test func readsTheFormOfBefore() throws {
        var quiet = try AlertState(json: ["phase": "quiet", "streaks": ["a": ["windows": 1, "since": 60000]]])
        let steps = quiet.observe([Self.finding("a")], at: Self.moment(7), persistence: Self.twice)
        #expect(steps.map(Self.short) == ["opens a since 1"])

        var open = try AlertState(json: ["phase": "open", "clean_windows": 1, "streaks": [:]])
        #expect(open.open == [Self.drift])
        #expect(open.observe([], at: Self.moment(7), persistence: Self.twice) == [.closes(Self.drift)])
        #expect(try AlertState(json: ["phase": "quiet", "streaks": [:]]) == AlertState())
    }
}
