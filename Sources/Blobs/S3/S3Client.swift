import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Sends signed requests to a bucket, again when they may pass, and says in words why they did not.
struct S3Client: Sendable {
    let location: S3Location
    let backoff: S3Backoff
    private let clock: WallClock
    private let entropy: Entropy
    private let connections: Connections

    /// The largest answer that is read into memory: a listing of a thousand long names, some of it escaped.
    private static let maximumAnswerBytes = 16 << 20
    /// How long S3 may take to begin its answer.
    private static let patience = TimeAmount.seconds(60)

    init(location: S3Location, clock: WallClock, entropy: Entropy, backoff: S3Backoff) {
        self.location = location
        self.backoff = backoff
        self.clock = clock
        self.entropy = entropy
        connections = Connections()
    }

    /// An answer that is not streamed.
    struct Answer: Sendable {
        let headers: HTTPHeaders
        let body: ByteBuffer

        /// - Throws: `S3Refusal` when the body is not XML, or is an error that comes with status 200.
        func xml() throws -> S3XML {
            guard let root = S3XML.parse(String(buffer: body)) else {
                throw S3Refusal(status: 502, code: "", message: "its answer is not the XML that S3 sends")
            }
            guard root.name == "Error" else { return root }
            throw S3Refusal(status: 500, code: root["Code"]?.text ?? "", message: root["Message"]?.text ?? "")
        }
    }

    /// Sends a request and reads the whole answer.
    /// - Parameter read: makes something of the answer; an `S3Refusal` that it throws counts as an answer of S3.
    func send<Value>(_ request: S3Request, _ read: (Answer) throws -> Value) async throws -> Value {
        try await perform(request) { response in
            let body = try await response.body.collect(upTo: Self.maximumAnswerBytes)
            return try read(Answer(headers: response.headers, body: body))
        }
    }

    /// Sends a request whose answer says nothing beyond that it was done.
    func send(_ request: S3Request) async throws {
        try await send(request) { _ in }
    }

    /// Sends a request whose answer is streamed.
    func open(_ request: S3Request) async throws -> HTTPClientResponse {
        try await perform(request) { $0 }
    }

    /// A link by which whoever has it does what the request says.
    func link(_ request: S3Request, lasting seconds: Int) -> String {
        let endpoint = location.endpoint
        let subject = S3Signature.Subject(
            method: request.method.rawValue, path: endpoint.path(of: request.object), query: request.query,
            headers: [(name: "host", value: endpoint.host)] + request.headers, payload: S3Signature.unsignedPayload)
        let query = signature.query(for: subject, lasting: seconds, from: clock.now)
        return "\(endpoint.origin)\(subject.path)?\(query)"
    }

    /// Waits before something is tried again.
    /// - Throws: `CancellationError`.
    func pause(after attempt: Int, retryAfterSeconds: Int? = nil) async throws {
        let pause = backoff.pauseMs(after: attempt, retryAfterSeconds: retryAfterSeconds, entropy)
        try await Task.sleep(for: .milliseconds(pause))
    }

    private func perform<Value>(
        _ request: S3Request, _ read: (HTTPClientResponse) async throws -> Value
    ) async throws -> Value {
        var attempt = 1
        while true {
            do {
                let response = try await connections.http.execute(signed(request), timeout: Self.patience)
                guard (200..<300).contains(response.status.code) else { throw await Self.refusal(response) }
                return try await read(response)
            } catch {
                try Task.checkCancellation()
                let refusal = error as? S3Refusal ?? Self.refusal(error)
                guard refusal.mayPass, attempt < backoff.attempts else {
                    throw refusal.problem(request, in: location)
                }
                try await pause(after: attempt, retryAfterSeconds: refusal.retryAfterSeconds)
                attempt += 1
            }
        }
    }

    private var signature: S3Signature {
        S3Signature(credentials: location.credentials, region: location.region)
    }

    /// Signed anew for each try, because a signature holds for 15 minutes only.
    private func signed(_ request: S3Request) -> HTTPClientRequest {
        let endpoint = location.endpoint
        var subject = S3Signature.Subject(
            method: request.method.rawValue, path: endpoint.path(of: request.object), query: request.query,
            headers: [(name: "host", value: endpoint.host)] + request.headers, payload: S3Signature.hash(request.body))
        subject.headers += signature.headers(for: subject, at: clock.now)
        let query = S3Signature.canonicalQuery(request.query)
        var sent = HTTPClientRequest(url: "\(endpoint.origin)\(subject.path)\(query.isEmpty ? "" : "?")\(query)")
        sent.method = request.method
        sent.headers = HTTPHeaders(subject.headers.map { ($0.name, $0.value) })
        if let body = request.body { sent.body = .bytes(body) }
        return sent
    }

    private static func refusal(_ response: HTTPClientResponse) async -> S3Refusal {
        let body = try? await response.body.collect(upTo: 64 << 10)
        let error = body.flatMap { S3XML.parse(String(buffer: $0)) }
        return S3Refusal(
            status: Int(response.status.code), code: error?["Code"]?.text ?? "",
            message: error?["Message"]?.text ?? "",
            retryAfterSeconds: response.headers.first(name: "retry-after").flatMap { Int($0) },
            bucketRegion: response.headers.first(name: "x-amz-bucket-region") ?? error?["Region"]?.text)
    }

    /// A connection that could not be made or broke.
    private static func refusal(_ error: any Error) -> S3Refusal {
        let attempt = error as? NIOConnectionError
        let connection = attempt?.connectionErrors.first?.error ?? error
        let reason =
            attempt?.dnsAError != nil || attempt?.dnsAAAAError != nil
            ? "there is no such host"
            : (connection as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(connection)"
        return S3Refusal(status: 0, code: "", message: reason)
    }

    /// The connections to one store, closed when nobody uses the store any more.
    private final class Connections: Sendable {
        let http: HTTPClient

        init() {
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            configuration.httpVersion = .http1Only
            configuration.timeout = .init(connect: .seconds(5), read: .seconds(60))
            // Tries are counted by the backoff alone.
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
            http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        }

        deinit {
            http.shutdown { _ in }
        }
    }
}
