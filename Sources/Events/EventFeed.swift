import Wire

/// Events in order, from a number on and without end. Pulled by its reader, so it never piles up.
package struct EventFeed: AsyncSequence, Sendable {
    let log: EventLog
    let cursor: Int64

    package func makeAsyncIterator() -> Iterator {
        // Subscribed before the first look at the log, so that nothing slips in between.
        Iterator(log: log, cursor: cursor, wakeUps: log.signal.subscribe().makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let log: EventLog
        fileprivate var cursor: Int64
        fileprivate var wakeUps: AsyncStream<Void>.Iterator
        private var buffer: ArraySlice<Event> = []

        fileprivate init(log: EventLog, cursor: Int64, wakeUps: AsyncStream<Void>.Iterator) {
            self.log = log
            self.cursor = cursor
            self.wakeUps = wakeUps
        }

        package mutating func next() async throws -> Event? {
            while buffer.isEmpty {
                buffer = try await log.events(after: cursor, limit: 256)[...]
                if buffer.isEmpty, await wakeUps.next() == nil { return nil }
            }
            let event = buffer.removeFirst()
            cursor = event.sequence
            return event
        }
    }
}
