import Synchronization
import Wire

/// Those who look at pages that tell what is new: so many at once, because each holds a connection and has pages drawn.
final class PageReaders: Sendable {
    /// How long a stream rests before the page is drawn again.
    let pause: Duration
    private let limit: Int
    private let seated = Atomic(0)

    init(limit: Int, pause: Duration) {
        self.limit = limit
        self.pause = pause
    }

    /// A place, given back when it is let go.
    final class Seat: Sendable {
        private let readers: PageReaders

        fileprivate init(_ readers: PageReaders) {
            self.readers = readers
        }

        deinit { readers.seated.subtract(1, ordering: .relaxed) }
    }

    /// - Throws: `WebError` 503 when all are taken; pages can be read without.
    func takeSeat() throws -> Seat {
        guard seated.add(1, ordering: .relaxed).newValue <= limit else {
            seated.subtract(1, ordering: .relaxed)
            throw WebError(
                .unavailable, "\(limit) pages are being kept up to date already.",
                hint: "Load the page again to see what is new.", retryAfterSeconds: 10)
        }
        return Seat(self)
    }
}
