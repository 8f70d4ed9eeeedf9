import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
package import Wire

/// Asks the server of a remote model and turns what goes wrong into words and a status.
struct RemoteConnection: Sendable {
    let remote: RemoteModel
    private let headers: HTTPHeaders
    /// What must not be in any message, longest first.
    private let secrets: [String]
    private let client: HTTPClient

    /// - Throws: `RuntimeError` when a secret is not there.
    init(_ remote: RemoteModel, _ known: RemoteSecrets) throws {
        self.remote = remote
        let resolved = try remote.headers.sorted { $0.key < $1.key }.map { ($0.key, try known.resolve($0.value)) }
        headers = HTTPHeaders(resolved.map { ($0, $1.value) })
        secrets = resolved.compactMap(\.1.secret).sorted { $0.count > $1.count }
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .seconds(5))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    func close() async {
        try? await client.shutdown()
    }

    /// What the server answers with a 2xx.
    /// - Parameter body: posted when there is one.
    /// - Throws: `RuntimeError`; `CancellationError` when nobody waits any more.
    func answer(_ url: String, body: JSON? = nil, within limit: Duration) async throws -> JSON {
        let bytes = try await exchange(url, body: body, within: limit)
        do {
            return try JSON.parse(bytes.readableBytesView)
        } catch {
            throw RuntimeError(.badGateway, "\(place) answered with what is not JSON.")
        }
    }

    /// Whether the server answers with a 2xx.
    func check(_ url: String, within limit: Duration) async throws {
        _ = try await exchange(url, body: nil, within: limit)
    }

    private func exchange(_ url: String, body: JSON?, within limit: Duration) async throws -> ByteBuffer {
        var request = HTTPClientRequest(url: url)
        request.headers = headers
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.bytes(nonFinite: .literal)))
        }
        do {
            let response = try await client.execute(request, deadline: .now() + TimeAmount(limit))
            let bytes = try await response.body.collect(upTo: remote.maximumAnswerBytes)
            guard (200..<300).contains(response.status.code) else {
                throw refusal(Int(response.status.code), response.headers, bytes)
            }
            return bytes
        } catch let error as RuntimeError {
            throw error
        } catch is NIOTooManyBytesError {
            throw RuntimeError(.badGateway, "\(place) answered with more than \(remote.maximumAnswerBytes) bytes.")
        } catch {
            try Task.checkCancellation()
            throw failure(error, within: limit)
        }
    }

    private var place: String { "The model's server \(remote.url)" }

    private func failure(_ error: any Error, within limit: Duration) -> RuntimeError {
        let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .getConnectionFromPoolTimeout]
        if let error = error as? HTTPClientError, timeouts.contains(error) {
            return RuntimeError(.deadlineExceeded, "\(place) did not answer within \(limit).")
        }
        return RuntimeError(.unavailable, "\(place) cannot be reached: \(Self.reason(error))", retryAfterSeconds: 1)
    }

    private static func reason(_ error: any Error) -> String {
        guard let attempt = error as? NIOConnectionError else { return "\(error)" }
        if attempt.dnsAError != nil || attempt.dnsAAAAError != nil { return "there is no such host" }
        return attempt.connectionErrors.first.map { "\($0.error)" } ?? "\(attempt)"
    }

    // MARK: Refusals

    /// A refusal of what was sent stays one; what is wrong with the server is not the caller's.
    private func refusal(_ status: Int, _ headers: HTTPHeaders, _ body: ByteBuffer) -> RuntimeError {
        let words = secrets.reduce(Self.words(of: body)) { $0.replacing($1, with: "***") }
        let retryAfter = headers.first(name: "Retry-After").flatMap { Int($0) }
        switch status {
        case 401, 407:
            return RuntimeError(
                .permissionDenied, "\(place) does not accept the endpoint's credentials: \(words)",
                hint: "Correct the headers of the endpoint's 'remote'.")
        case 429:
            return RuntimeError(.tooManyRequests, "\(place) is busy: \(words)", retryAfterSeconds: retryAfter ?? 1)
        case 400..<500:
            return RuntimeError(ProblemCode(refusedWith: status), "\(place) refuses the request: \(words)")
        case 503:
            return RuntimeError(.unavailable, "\(place) is not ready: \(words)", retryAfterSeconds: retryAfter ?? 1)
        case 504: return RuntimeError(.deadlineExceeded, "\(place) did not answer in time: \(words)")
        default: return RuntimeError(.badGateway, "\(place) answered with status \(status): \(words)")
        }
    }

    /// What a server says is wrong: a member of its JSON by one of the usual names, else the beginning of its text.
    private static func words(of body: ByteBuffer) -> String {
        let text = String(decoding: body.readableBytesView.prefix(64 << 10), as: UTF8.self)
        let json = try? JSON.parse(text)
        let said = ["error", "message", "detail"].lazy.compactMap { json?[$0] }.first.map { $0.stringValue ?? $0.text }
        let line = (said ?? text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? "no reason given" : String(line.prefix(2000))
    }
}

extension ProblemCode {
    /// The server behind this one failed.
    package static let badGateway = ProblemCode(name: "BAD_GATEWAY", status: 502, exitCode: 7)

    /// The code for a status in which another server refuses.
    fileprivate init(refusedWith status: Int) {
        let known: [ProblemCode] = [.permissionDenied, .doesNotExist, .conflict, .tooLarge, .unsupportedMediaType]
        self =
            known.first { $0.status == status } ?? ProblemCode(name: ProblemCode.badRequest.name, status: status)
    }
}
