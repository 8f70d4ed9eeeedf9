package import NIOCore
import OrderedCollections
package import Predictions
import Runtimes
import Synchronization
import Wire

/// Predictions for lines that come one after the other, from a connection or from wherever else, answered in their order.
///
/// No more lines are taken than answers are: a few are under way, and the next one is read when an answer has been sent. A
/// line that is wrong is answered by a line that says so, and the stream goes on.
package struct PredictionStream: Sendable {
    private let predictor: Predictor
    private let endpoint: LiveEndpoint
    private let caller: String
    /// The id of the request whose lines they are; a line's own has its number behind it.
    private let request: String
    private let memory: @Sendable (ByteBuffer) throws -> any Sendable

    /// How many lines are under way at once.
    package static let linesInFlight = 8
    /// The most values that a line holds.
    static let maximumValues = 100_000

    /// - Parameters:
    ///   - request: what the stream is known by in the server's log; its lines, with their number behind it.
    ///   - memory: sets aside what a line takes, for as long as somebody has what it returns; throws when there is
    ///   too little left.
    init(
        predictor: Predictor, endpoint: LiveEndpoint, caller: String, request: String,
        memory: @escaping @Sendable (_ line: ByteBuffer) throws -> any Sendable
    ) {
        self.predictor = predictor
        self.endpoint = endpoint
        self.caller = caller
        self.request = request
        self.memory = memory
    }

    /// Answers bytes that hold a line after the other.
    package func answer(
        bytes: some AsyncSequence<ByteBuffer, any Error> & Sendable, send: (ByteBuffer) async throws -> Void
    ) async throws {
        try await answer(StreamLines(base: bytes), send: send)
    }

    /// Answers lines until they end, or until `send` throws because nobody takes the answers any more.
    package func answer(
        _ lines: some AsyncSequence<StreamLine, any Error> & Sendable, send: (ByteBuffer) async throws -> Void
    ) async throws {
        let places = Turnstile(places: Self.linesInFlight)
        // No more than `linesInFlight` answers are in here at a time.
        let (answers, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
        let order = AnswerOrder(feed)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { feed.finish() }
                try await withThrowingDiscardingTaskGroup { predictions in
                    var index = 0
                    for try await line in lines {
                        try await places.enter()
                        let place = index
                        predictions.addTask { order.put(await answer(line), at: place) }
                        index += 1
                    }
                }
            }
            for await answer in answers {
                try await send(answer)
                places.leave()
            }
            try await group.waitForAll()
        }
    }

    // MARK: A line

    private func answer(_ line: StreamLine) async -> ByteBuffer {
        do {
            guard let text = line.text else {
                throw ServingError(
                    .tooLarge, "The line is longer than \(StreamLine.maximumBytes >> 20) MiB.",
                    hint: "Send its rows in several lines.")
            }
            let held = try memory(text)
            defer { withExtendedLifetime(held) {} }
            let ask = Ask(endpoint: endpoint, caller: caller, request: "\(request).\(line.number)")
            let answer = try await predictor.predict(ask, try Self.sent(text))
            return answer.encoding { Self.line(line.number, $0) }
        } catch {
            return Self.line(line.number, error)
        }
    }

    private static func sent(_ text: ByteBuffer) throws -> SentTree {
        SentTree(body: body(try JSON.parse(text.readableBytesView, maximumValues: maximumValues)))
    }

    private static func line(_ number: Int, _ answer: Predictor.Answer) -> ByteBuffer {
        let predictions = answer.output.predictions ?? answer.output.row(0, of: 1)
        return line([
            "line": .integer(Int64(number)), "id": answer.id.map { JSON.string($0.text) },
            "version": .string(answer.version.label), "predictions": predictions.finite,
        ])
    }

    private static func line(_ number: Int, _ error: any Error) -> ByteBuffer {
        let problem =
            error as? any Problem ?? ServingError(.internalError, "An unexpected error; the server's log has more.")
        return line([
            "line": .integer(Int64(number)), "error_code": .string(problem.code.name), "message": .string("\(problem)"),
            "retry_after_seconds": problem.retryAfterSeconds.map { JSON.integer(Int64($0)) },
        ])
    }

    private static func line(_ members: KeyValuePairs<String, JSON?>) -> ByteBuffer {
        ByteBuffer(bytes: JSON.compact(members).bytes() + [UInt8(ascii: "\n")])
    }

    /// A record stands for a body with this record alone.
    private static func body(_ json: JSON) -> JSON {
        guard let members = json.objectValue, !members.isEmpty, !InvocationMessages.isBody(members) else { return json }
        return ["dataframe_records": [json]]
    }
}

/// Puts answers, which come as they are ready, back into the order of their lines.
private final class AnswerOrder: Sendable {
    private struct State {
        var next = 0
        var ready: [Int: ByteBuffer] = [:]
    }

    private let feed: AsyncStream<ByteBuffer>.Continuation
    private let state = Mutex(State())

    init(_ feed: AsyncStream<ByteBuffer>.Continuation) {
        self.feed = feed
    }

    func put(_ answer: ByteBuffer, at index: Int) {
        state.withLock { state in
            state.ready[index] = answer
            while let next = state.ready.removeValue(forKey: state.next) {
                feed.yield(next)
                state.next += 1
            }
        }
    }
}
