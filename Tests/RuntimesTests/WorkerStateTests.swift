import Testing
import Wire

@testable import Runtimes

@Suite struct WorkerStateTests {
    private static let backOff = BackOff(first: .seconds(1), longest: .seconds(5), crashLoopAfter: 4)

    @Test func takesRequestsOnlyOnceTheModelIsLoaded() {
        var state = WorkerState(backOff: Self.backOff)
        #expect(state.refusal?.message == "The model is being loaded.")
        state.loaded()
        #expect(state.refusal == nil)
    }

    @Test func staysDownWhenTheModelCannotBeLoadedTheFirstTime() {
        var state = WorkerState(backOff: Self.backOff)
        let delay = state.ended(reason: "exit code 1")
        #expect(delay == nil)
        #expect(state.phase == .stopped)
        let restarts = state.restart()
        #expect(!restarts)
    }

    @Test func restsLongerAfterEachFailureUntilItIsACrashLoop() {
        var state = WorkerState(backOff: Self.backOff)
        state.loaded()
        var delays: [Duration?] = []
        for _ in 0..<5 {
            delays.append(state.ended(reason: "signal 11"))
            let restarts = state.restart()
            #expect(restarts)
            state.loaded()
        }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
        _ = state.ended(reason: "signal 11")
        #expect(state.phase == .crashLooping(reason: "signal 11"))
        #expect(state.refusal?.message == "The model's process ended 6 times in a row (signal 11).")
        #expect(state.refusal?.code.status == 503)
    }

    @Test func anAnswerForgetsEarlierFailures() {
        var state = WorkerState(backOff: Self.backOff)
        state.loaded()
        _ = state.ended(reason: "signal 9")
        _ = state.restart()
        state.loaded()
        state.answered()
        let delay = state.ended(reason: "signal 9")
        #expect(delay == .seconds(1))
        #expect(state.phase == .resting(reason: "signal 9"))
    }

    @Test func neverStartsAgainOnceStopped() {
        var state = WorkerState(backOff: Self.backOff)
        state.loaded()
        state.stop()
        let delay = state.ended(reason: "exit code 0")
        #expect(delay == nil)
        let restarts = state.restart()
        #expect(!restarts)
        state.loaded()
        #expect(state.phase == .stopped)
    }
}
