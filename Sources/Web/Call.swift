import Foundation
package import HTTPTypes
import Hummingbird
package import NIOCore
package import Wire

/// A request on its way through a route: who asks, what for, with which body.
package struct Call: Sendable {
    package let principal: Principal
    /// Named in the answer's `X-Request-Id`, in the log and in error messages.
    package let requestID: String
    package let method: HTTPRequest.Method
    package let headers: HTTPFields
    /// The address under which the client reached this server, such as `http://127.0.0.1:8080`: what a snippet to copy
    /// says. A proxy that ends TLS names the scheme in `X-Forwarded-Proto`.
    package var origin: String {
        "\(isSecure ? "https" : "http")://\(authority ?? "127.0.0.1")"
    }

    /// Whether the client reached a proxy that ends TLS.
    var isSecure: Bool { Self.forwardedProtocol.map { headers[$0] == "https" } ?? false }

    private static let forwardedProtocol = HTTPField.Name("X-Forwarded-Proto")
    /// As sent, still percent-encoded.
    package let rawPath: String
    /// When the request came.
    package private(set) var time: Timestamp
    let shell: PageShell
    let readers: PageReaders
    private let clock: WallClock
    let head: HTTPRequest
    /// Asks again whether the principal may, for an answer that goes on: a token may end meanwhile.
    let authorise: @Sendable () async throws -> Void
    private var authority: String? { head.authority }
    private let parameters: Parameters
    private let query: [(name: String, value: String)]
    private let requestBody: SentRequest.Body
    private let channel: (any Channel)?
    private let memory: HeldMemory.Share

    /// The largest body that is read into memory; larger ones must be streamed by the route.
    package static let maximumBodyBytes = 32 << 20
    /// The most values that a JSON body holds. One of three bytes takes thirty times as much once it is read.
    package static let maximumValues = 500_000

    init(
        _ sent: SentRequest, principal: Principal, requestID: String, shell: PageShell, readers: PageReaders,
        clock: WallClock, memory: HeldMemory.Share, authorise: @escaping @Sendable () async throws -> Void
    ) throws {
        self.principal = principal
        self.requestID = requestID
        method = sent.head.method
        headers = sent.head.headerFields
        head = sent.head
        self.authorise = authorise
        rawPath = sent.path
        parameters = sent.parameters
        query = try QueryString.parameters(of: sent.query)
        requestBody = sent.body
        channel = sent.channel
        self.shell = shell
        self.readers = readers
        self.clock = clock
        time = clock.now
        self.memory = memory
    }

    /// The same request, as if it came now.
    func again() -> Call {
        var copy = self
        copy.time = clock.now
        return copy
    }

    /// The component that `{name}` of the route's path matched, percent-decoded.
    package func path(_ name: String) throws -> String {
        let raw = parameters.get(name)
        if let raw, !raw.utf8.contains(UInt8(ascii: "%")) { return String(raw) }
        guard let raw, let value = String(raw).removingPercentEncoding else {
            throw WebError(.invalidParameterValue, "The path component '\(name)' is not valid percent-encoded text.")
        }
        return value
    }

    /// The first value of a query parameter.
    package func query(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// A query parameter that holds a whole number.
    package func integerQuery(_ name: String) throws -> Int? {
        guard let text = query(name), !text.isEmpty else { return nil }
        guard let value = Int(text) else {
            throw FieldProblem.invalid(name, .string(text), expected: "whole number")
        }
        return value
    }

    /// Where the page begins that a request names by its `page_token`.
    package func pageOffset() throws -> Int? {
        guard let token = query("page_token"), !token.isEmpty else { return nil }
        return try PageToken(token).offset
    }

    /// All query parameters as request fields. A name in `lists` becomes an array also when it occurs once.
    package func queryFields(lists: Set<String> = []) throws -> Fields {
        var names: [String] = []
        var values: [String: [JSON]] = [:]
        for (name, value) in query {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.string(value))
        }
        let members = names.map { name -> (String, JSON) in
            let values = values[name] ?? []
            return (name, lists.contains(name) || values.count > 1 ? .array(values) : values[0])
        }
        return try Fields(.members(members))
    }

    /// The fields of the request: the query of a GET, the JSON body of everything else. As MLflow's server does, a GET
    /// without a query may carry a JSON body.
    package func fields(lists: Set<String> = []) async throws -> Fields {
        if method == .get, !query.isEmpty { return try queryFields(lists: lists) }
        return try Fields(try await json())
    }

    /// The body as JSON; an empty body is an empty object.
    /// - Throws: `WebError` when a POST or PUT does not say that it is JSON or is too large, `JSONSyntaxError`.
    package func json() async throws -> JSON {
        if method == .post || method == .put { try requireContentType("application/json") }
        let bytes = try await body()
        guard bytes.readableBytes > 0 else { return [:] }
        let json = try json(from: bytes)
        // The Python client of old encoded bodies twice; MLflow's server accepts that, and so do we.
        if case .string(let text) = json { return try self.json(from: ByteBuffer(string: text)) }
        return json
    }

    /// Reads a body, or a part of one, as JSON.
    /// - Parameter maximumValues: what tables of numbers need is more than what is sent one by one.
    /// - Throws: `JSONSyntaxError`; `WebError` 503 when requests under way hold too much already.
    package func json(from body: ByteBuffer, maximumValues: Int = Call.maximumValues) throws -> JSON {
        try memory.take(Self.bytesOfJSON(in: body, maximumValues))
        return try JSON.parse(body.readableBytesView, maximumValues: maximumValues)
    }

    /// Sets aside the memory that a piece of a body takes and what is read from it as JSON, such as a line of a stream. It is
    /// given back when nobody has what is returned any more, not at the end of the call.
    /// - Throws: `WebError` 503 when requests under way hold too much already.
    package func memory(for piece: ByteBuffer, maximumValues: Int = Call.maximumValues) throws -> any Sendable {
        let share = memory.another()
        try share.take(piece.readableBytes + Self.bytesOfJSON(in: piece, maximumValues))
        return share
    }

    /// Two bytes are the least that an element of an array takes.
    private static func bytesOfJSON(in body: ByteBuffer, _ maximumValues: Int) -> Int {
        min(body.readableBytes / 2, maximumValues) * bytesPerValue
    }

    /// What a value takes in memory, about, with its place in an array or an object.
    private static let bytesPerValue = 64

    /// - Throws: `WebError` 400 for another media type; parameters such as charset are ignored.
    package func requireContentType(_ expected: String) throws {
        guard mediaType != expected else { return }
        throw WebError(
            .invalidParameterValue,
            "The body must be sent with Content-Type: \(expected), not '\(headers[.contentType] ?? "")'.")
    }

    /// The media type of the body in lower case, without parameters.
    package var mediaType: String? {
        let type = headers[.contentType]
        if type == "application/json" { return type }
        return type?.split(separator: ";").first.map { $0.lowercased().trimmed }
    }

    /// The whole body.
    /// - Throws: `WebError` when it is larger than `limit` bytes.
    package func body(limit: Int = Call.maximumBodyBytes) async throws -> ByteBuffer {
        if case .whole(let body) = requestBody {
            guard body.readableBytes <= limit else { throw Self.tooLarge(limit) }
            return body
        }
        let declared = headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= limit else { throw Self.tooLarge(limit) }
        var body = ByteBuffer()
        for try await var chunk in stream {
            guard body.readableBytes + chunk.readableBytes <= limit else { throw Self.tooLarge(limit) }
            try memory.take(chunk.readableBytes)
            if body.readableBytes == 0 { body = chunk } else { body.writeBuffer(&chunk) }
        }
        return body
    }

    private static func tooLarge(_ limit: Int) -> WebError {
        let size = limit < 1 << 20 ? "\(limit >> 10) KiB" : "\(limit >> 20) MiB"
        return WebError(.tooLarge, "The body is larger than \(size).", hint: "Send it in smaller batches.")
    }

    /// The whole body, unpacked when the client compressed it with gzip or deflate.
    /// - Throws: `WebError` for another coding and a damaged body, and when it is larger than `limit` bytes, compressed
    ///   or not.
    package func decodedBody(limit: Int = Call.maximumBodyBytes) async throws -> ByteBuffer {
        let coding = try ContentCoding(header: headers[.contentEncoding])
        let body = try await body(limit: limit)
        guard let unpacked = try coding?.decoded(body, limit: limit) else { return body }
        try memory.take(unpacked.readableBytes)
        return unpacked
    }

    /// The body as it comes, with back-pressure.
    package var stream: any AsyncSequence<ByteBuffer, any Error> & Sendable { requestBody.stream }

    /// Lets the client say nothing within its body for as long as a stream may (`ServerLimits.streamSilence`), where the
    /// connection of any other request would be closed.
    package func staysOpenWhileSilent() {
        channel?.triggerUserOutboundEvent(StreamBegins(), promise: nil)
    }
}
