import Synchronization

/// Whether a model answers so fast that its runs need no thread of their own: learnt from runs, because neither the size of
/// a model nor that of its input says how long it takes.
final class ONNXPace: Sendable {
    private struct State {
        /// Quick runs, one after the other.
        var quickRuns = 0
        /// The most elements that a quick run took in.
        var elements = 0
    }

    /// Loops take as long as their data says: a thousand quick runs say nothing of the next.
    private let mayBeQuick: Bool
    private let state = Mutex(State())
    private static let quick = Duration.microseconds(300)
    private static let quickRunsNeeded = 3

    init(mayBeQuick: Bool) {
        self.mayBeQuick = mayBeQuick
    }

    func isQuick(elements: Int) -> Bool {
        mayBeQuick && state.withLock { $0.quickRuns >= Self.quickRunsNeeded && elements <= $0.elements }
    }

    /// Runs `body` and remembers how long it took.
    func measure<Result>(elements: Int, _ body: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        let isQuick = ContinuousClock.now - start < Self.quick
        state.withLock { state in
            if isQuick {
                state.quickRuns += 1
                state.elements = max(state.elements, elements)
            } else if elements <= state.elements {
                state = State()
            }
        }
        return result
    }
}
