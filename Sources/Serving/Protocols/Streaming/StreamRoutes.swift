import HTTPTypes
import Synchronization
package import Web
import Wire

/// Predictions over one connection: a line of JSON in, a line of JSON out, for as long as the client likes.
package struct StreamRoutes: Sendable {
    private let predictor: Predictor
    private let streams: OpenStreams

    /// - Parameter limit: how many streams may be open at once.
    package init(predictor: Predictor, limit: Int = 64) {
        self.predictor = predictor
        streams = OpenStreams(limit: limit)
    }

    package func routes(into routes: inout Routes) {
        routes.post("/endpoints/{name}/stream", .write("predictions")) { call in
            let types = ["application/x-ndjson", "application/jsonl", "application/json"]
            guard let type = call.mediaType, types.contains(type) else {
                throw ServingError(
                    .unsupportedMediaType, "A stream is a line of JSON after the other.",
                    hint: "Send the header Content-Type: application/x-ndjson.")
            }
            let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
            let place = try streams.enter()
            let stream = PredictionStream(
                predictor: predictor, endpoint: endpoint, caller: call.principal.name, request: call.requestID
            ) {
                try call.memory(for: $0, maximumValues: PredictionStream.maximumValues)
            }
            call.staysOpenWhileSilent()
            return Reply(
                headers: [.contentType: "application/x-ndjson", .unchecked("X-Accel-Buffering"): "no"],
                body: .written { send in
                    try await stream.answer(bytes: call.stream, send: send)
                    withExtendedLifetime(place) {}
                })
        }
    }
}

/// Counts the streams that are open: each holds a connection, however little it says.
private final class OpenStreams: Sendable {
    private let limit: Int
    private let count = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// A stream is open for as long as somebody holds its place.
    final class Place: Sendable {
        private let streams: OpenStreams

        fileprivate init(in streams: OpenStreams) {
            self.streams = streams
        }

        deinit {
            streams.count.withLock { $0 -= 1 }
        }
    }

    /// - Throws: `ServingError` 503 when as many are open as may be.
    func enter() throws -> Place {
        let fits = count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard fits else {
            throw ServingError(
                .unavailable, "There are \(limit) streams open already, which is as many as there may be.",
                hint: "Try again shortly, or POST rows to /endpoints/NAME/invocations.", retryAfterSeconds: 5)
        }
        return Place(in: self)
    }
}
