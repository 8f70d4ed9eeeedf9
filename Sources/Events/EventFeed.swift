import Wire

/// Events in order, from a number on and without end. Pulled by its reader, so it never piles up.
package struct EventFeed: AsyncSequence, Sendable {
    let log: EventLog
    let cursor: Int64

    fileprivate static let batch = 256
    /// Events that come within this time are read together, so that a burst of changes costs few reads.
    fileprivate static let gathering = Duration.milliseconds(10)

    package func makeAsyncIterator() -> Iterator {
        // Subscribed before the first look at the log, so that nothing slips in between.
        Iterator(log: log, cursor: cursor, wakeUps: log.signal.subscribe().makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let log: EventLog
        fileprivate var cursor: Int64
        fileprivate var wakeUps: AsyncStream<Void>.Iterator
        private var buffer: ArraySlice<Event> = []
        /// Whether there may be more than was read, of which no wake-up will tell.
        private var isBehind = true

        fileprivate init(log: EventLog, cursor: Int64, wakeUps: AsyncStream<Void>.Iterator) {
            self.log = log
            self.cursor = cursor
            self.wakeUps = wakeUps
        }

        package mutating func next() async throws -> Event? {
            while buffer.isEmpty {
                if !isBehind {
                    guard await wakeUps.next() != nil else { return nil }
                    guard (try? await Task.sleep(for: EventFeed.gathering)) != nil else { return nil }
                }
                buffer = try await log.events(after: cursor, limit: EventFeed.batch)[...]
                isBehind = buffer.count == EventFeed.batch
            }
            let event = buffer.removeFirst()
            cursor = event.sequence
            return event
        }
    }
}
