package import Logging

/// A log whose lines a test can wait for.
package struct ListeningLog: Sendable {
    /// What was logged, in order.
    package let lines: AsyncStream<String>
    package let logger: Logger

    package init() {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        logger = Logger(label: "test") { _ in Handler(line: line) }
    }

    private struct Handler: LogHandler {
        let line: AsyncStream<String>.Continuation
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            line.yield("\(event.message)")
        }
    }
}
