import Foundation
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// How far a long command has come, on standard error: nothing in the first second, then one line that is redrawn on a
/// terminal, and a line every ten seconds elsewhere.
package final class Progress: Sendable {
    private struct State {
        var lastShown: ContinuousClock.Instant
        var isShown = false
    }

    private let state: Mutex<State>
    private let isTerminal = isatty(STDERR_FILENO) == 1

    package init() {
        // As if a line had been shown when the next one is due in a second.
        let pause = Self.pause(onTerminal: isatty(STDERR_FILENO) == 1)
        state = Mutex(State(lastShown: ContinuousClock.now - pause + .seconds(1)))
    }

    private static func pause(onTerminal isTerminal: Bool) -> Duration {
        isTerminal ? .milliseconds(200) : .seconds(10)
    }

    /// Says how far it is, when the last time is long enough ago.
    package func show(_ line: @autoclosure () -> String) {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            guard now - state.lastShown >= Self.pause(onTerminal: isTerminal) else { return false }
            state.lastShown = now
            state.isShown = true
            return true
        }
        guard isDue else { return }
        write(isTerminal ? "\r\u{1B}[K\(line())" : "\(line())\n")
    }

    /// Clears the line on a terminal.
    package func end() {
        let isShown = state.withLock(\.isShown)
        if isShown, isTerminal { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// Asks before something that cannot be undone.
package enum Confirmation {
    /// - Throws: `ConsoleError` when the answer is not yes, and where nobody can be asked.
    package static func ask(_ question: String, isGiven: Bool) throws {
        guard !isGiven else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw ConsoleError(
                .invalidParameterValue, "\(question) Nobody can be asked here, so nothing was done.",
                hint: "Pass --yes to say so, or --dry-run to see what would happen.")
        }
        FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw ConsoleError(.invalidParameterValue, "Nothing was done.")
        }
    }
}
