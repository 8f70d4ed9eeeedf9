import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
package import Wire

/// The HTTP client of the verbs.
package struct APIClient: Sendable {
    package let url: String
    /// The value of the `Authorization` header.
    private let authorization: String?

    /// Unlike the shared client it says at once that nobody listens, where that one tries again for the whole timeout.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// The largest answer that is read into memory.
    private static let maximumAnswerBytes = 64 << 20

    package init(url: String, token: String?) {
        self.init(url: url, authorization: token.map { "Bearer \($0)" })
    }

    /// - Parameter user: the name and password of a basic login, with a colon between them.
    package init(url: String, user: String) {
        self.init(url: url, authorization: "Basic \(Data(user.utf8).base64EncodedString())")
    }

    private init(url: String, authorization: String?) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.authorization = authorization
    }

    /// - Parameter query: left out where nil.
    package func get(_ path: String, query: KeyValuePairs<String, String?> = [:]) async throws -> JSON {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }
        return try await send(.GET, pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))")
    }

    /// - Parameter query: names and values, in any order.
    package func get(_ path: String, query: [String: String]) async throws -> JSON {
        let pairs = query.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.escaped($0.value))" }
        return try await send(.GET, "\(path)?\(pairs.joined(separator: "&"))")
    }

    package func post(_ path: String, _ body: JSON) async throws -> JSON {
        try await send(.POST, path, body: body.bytes(), type: "application/json")
    }

    package func post(_ path: String, body: [UInt8], type: String) async throws -> JSON {
        try await send(.POST, path, body: body, type: type)
    }

    package func delete(_ path: String) async throws -> JSON {
        try await send(.DELETE, path)
    }

    /// A path component or query value with everything but letters, digits, `-`, `.`, `_` and `~` percent-encoded.
    package static func escaped(_ text: String) -> String {
        let unreserved = CharacterSet(charactersIn: "-._~").union(
            .alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7F}")))
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
    }

    func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        return request
    }

    private func send(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, type: String? = nil
    ) async throws -> JSON {
        var request = request(method, path)
        request.headers.add(name: "Accept", value: "application/json")
        if let body { request.body = .bytes(body) }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        let (status, answer) = try await exchange(request)
        let json = answer.readableBytes == 0 ? [:] : try? JSON.parse(answer.readableBytesView)
        guard (200..<300).contains(status) else {
            throw RemoteError(status: status, body: json, text: String(buffer: answer), url: url)
        }
        return json ?? .string(String(buffer: answer))
    }

    /// What the system says of a connection that failed, without the library's words around it.
    private static func reason(_ error: any Error) -> String {
        let attempt = error as? NIOConnectionError
        if attempt?.dnsAError != nil || attempt?.dnsAAAAError != nil { return "there is no such host" }
        let connection = attempt?.connectionErrors.first?.error ?? error
        guard let failure = connection as? IOError else { return "\(connection)" }
        return String(cString: strerror(failure.errnoCode))
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> (status: UInt, body: ByteBuffer) {
        try await translating {
            let response = try await Self.http.execute(request, timeout: .seconds(120))
            return (response.status.code, try await response.body.collect(upTo: Self.maximumAnswerBytes))
        }
    }

    /// Runs a request and says in words why it did not get through.
    func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as HTTPClientError where error == .invalidURL || error == .emptyScheme || error == .emptyHost
        {
            throw ConsoleError(
                .invalidParameterValue, "'\(url)' is not the address of a server.",
                hint: "It looks like http://127.0.0.1:8080.")
        } catch is NIOTooManyBytesError {
            throw ConsoleError(.tooLarge, "The answer is larger than \(Self.maximumAnswerBytes >> 20) MiB.")
        } catch let problem as any Problem {
            throw problem
        } catch {
            throw ConsoleError(
                .unavailable, "No server answers at \(url) (\(Self.reason(error))).",
                hint: "Start one with 'martlet server', or name another with --server.")
        }
    }
}

/// An error that the server answered with.
struct RemoteError: Problem {
    let code: ProblemCode
    let message: String
    let hint: String?

    init(status: UInt, body: JSON?, text: String, url: String) {
        let name = body?["error_code"]?.stringValue ?? "HTTP_\(status)"
        code = ProblemCode(name: name, status: Int(status), exitCode: Self.exitCode(status: status, name: name))
        message =
            body?["message"]?.stringValue ?? body?["error"]?.stringValue
            ?? "\(url) answered with status \(status): \(text.prefix(200))"
        hint =
            status >= 500 ? body?["request_id"]?.stringValue.map { "The server's log knows it as request \($0)." } : nil
    }

    private static func exitCode(status: UInt, name: String) -> Int32 {
        switch status {
        case 404: 3
        case 401, 403: 4
        case 409: 5
        case 503: 7
        default: name == ProblemCode.alreadyExists.name ? 5 : 1
        }
    }
}
