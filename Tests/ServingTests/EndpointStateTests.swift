import Testing

@testable import Serving

@Suite struct EndpointStateTests {
    private static func state(_ changes: (inout EndpointState) -> Void) -> EndpointState {
        var state = EndpointState()
        changes(&state)
        return state
    }

    @Test func isLoadingUntilAVersionAnswers() {
        var state = EndpointState()
        #expect(state.report(current: nil, obstacle: nil) == (.loading, nil))
        state.began("clinic/1")
        #expect(state.report(current: nil, obstacle: nil) == (.loading, "clinic/1 is being loaded."))
        state.deployed()
        #expect(state.phase == .ready)
        #expect(state.report(current: "clinic/1", obstacle: nil) == (.ready, nil))
    }

    @Test func hasFailedUntilTheNextAttempt() {
        var state = Self.state { $0.failed("There is no model 'clinic'.") }
        #expect(state.phase == .failed)
        #expect(state.report(current: nil, obstacle: nil) == (.failed, "There is no model 'clinic'."))
        state.began("clinic/1")
        #expect(state.phase == .loading("clinic/1"))
        state.failed("It is not a model.")
        #expect(state.report(current: nil, obstacle: nil) == (.failed, "It is not a model."))
        state.deployed()
        #expect(state.report(current: "clinic/1", obstacle: nil) == (.ready, nil))
    }

    @Test func goesOnAnsweringWhileAndAfterAReplacementFails() {
        var state = Self.state { $0.deployed() }
        state.began("clinic/2")
        #expect(state.phase == .replacing("clinic/2"))
        #expect(
            state.report(current: "clinic/1", obstacle: nil)
                == (.ready, "clinic/2 is being loaded; clinic/1 answers until then."))
        state.began("clinic/3")
        #expect(state.phase == .replacing("clinic/3"))
        state.failed("It is not a model.")
        #expect(state.phase == .ready)
        #expect(
            state.report(current: "clinic/1", obstacle: nil)
                == (.ready, "clinic/1 goes on answering: It is not a model."))
        // The version that was wanted is the one in place again.
        state.deployed()
        #expect(state.report(current: "clinic/1", obstacle: nil) == (.ready, nil))
    }

    @Test func staysReadyWhenAReplacementCannotEvenBeFound() {
        let state = Self.state {
            $0.deployed()
            $0.failed("There is no alias.")
        }
        #expect(state.phase == .ready)
        #expect(state.problem == "There is no alias.")
    }

    @Test func failsWithTheRuntimeOfTheVersionThatAnswers() {
        let ready = Self.state { $0.deployed() }
        #expect(ready.report(current: "clinic/1", obstacle: "The process died.") == (.failed, "The process died."))
        let replacing = Self.state {
            $0.deployed()
            $0.began("clinic/2")
        }
        #expect(replacing.report(current: "clinic/1", obstacle: "The process died.").state == .failed)
    }
}
