import Testing
import Wire

@testable import Monitoring

@Suite struct AlertStateTests {
    /// Passes windows through a state, each a list of drifting columns, the n-th starting at minute n.
    private func steps(_ windows: [[String]], persistence: Int) -> [AlertState.Step] {
        var state = AlertState()
        return windows.enumerated().map { index, drifting in
            state.observe(drifting: drifting, start: Self.start(index), persistence: persistence)
        }
    }

    private static func start(_ index: Int) -> Timestamp { Timestamp(milliseconds: Int64(index) * 60_000) }

    @Test func opensOnceWhenAColumnKeepsDrifting() {
        #expect(
            steps([["a"], ["a", "b"], ["a"]], persistence: 2) == [
                .nothing, .opens(columns: ["a"], since: Self.start(0)), .stays(columns: ["a"], isDrifting: true),
            ])
    }

    @Test func aBreakBeginsTheCountAnew() {
        #expect(
            steps([["a"], [], ["a"], ["a"]], persistence: 2) == [
                .nothing, .nothing, .nothing, .opens(columns: ["a"], since: Self.start(2)),
            ])
    }

    @Test func differentColumnsInTurnAreNoLastingDrift() {
        #expect(steps([["a"], ["b"], ["a"], ["b"]], persistence: 2) == [.nothing, .nothing, .nothing, .nothing])
    }

    @Test func closesAfterAsManyCleanWindowsAndMayOpenAgain() {
        let steps = steps([["a"], ["a"], [], ["b"], [], [], ["a"], ["a"]], persistence: 2)
        #expect(steps[2] == .stays(columns: [], isDrifting: false))
        #expect(steps[3] == .stays(columns: [], isDrifting: true))
        #expect(steps[4] == .stays(columns: [], isDrifting: false))
        #expect(steps[5] == .closes)
        #expect(steps[6] == .nothing)
        #expect(steps[7] == .opens(columns: ["a"], since: Self.start(6)))
    }

    @Test func oneWindowIsEnoughWhenTheRuleSaysSo() {
        #expect(
            steps([["a"], [], ["a"]], persistence: 1) == [
                .opens(columns: ["a"], since: Self.start(0)), .closes, .opens(columns: ["a"], since: Self.start(2)),
            ])
    }

    @Test func anotherVersionForgetsStreaksButNotTheAlert() {
        var state = AlertState()
        _ = state.observe(drifting: ["a"], start: Self.start(0), persistence: 2)
        state.startAnew()
        #expect(state.observe(drifting: ["a"], start: Self.start(1), persistence: 2) == .nothing)
        _ = state.observe(drifting: ["a"], start: Self.start(2), persistence: 2)
        state.startAnew()
        #expect(state.phase == .open(cleanWindows: 0))
    }

    @Test func survivesBeingStored() throws {
        var state = AlertState()
        #expect(try AlertState(json: state.json) == state)
        for drifting in [["a", "b"], ["a"], []] {
            _ = state.observe(drifting: drifting, start: Self.start(7), persistence: 2)
            #expect(try AlertState(json: JSON.parse(state.json.text)) == state)
        }
    }
}
