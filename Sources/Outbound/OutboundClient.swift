import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Wire

/// Sends messages to hosts that users name, to no address that it has not looked at first: the connection is opened to the
/// very address that was found public, so that a name cannot mean another machine a moment later. Redirects are not followed.
package struct OutboundClient: Sendable {
    /// Whether addresses of private networks, and plain http, are allowed.
    package let allowsPrivate: Bool
    /// What error messages call the receiver, such as `webhook`.
    private let receiver: String

    /// How long a receiver may take.
    private static let timeout = TimeAmount.seconds(30)
    /// How much of an answer is read.
    private static let maximumAnswerBytes = 16 << 10

    package init(allowsPrivate: Bool, receiver: String) {
        self.allowsPrivate = allowsPrivate
        self.receiver = receiver
    }

    /// - Throws: `FieldProblem` or `OutboundError` for an address that messages must not go to.
    package func check(_ url: String) async throws {
        let place = try OutboundAddress(url, receiver: receiver, allowsPrivate: allowsPrivate)
        _ = try await addresses(of: place.host)
    }

    /// The addresses to open connections to, at least one, of a host that has none where messages must not go.
    /// - Throws: `OutboundError` when the host is not known, or is in a private network and must not be.
    package func addresses(of host: String) async throws -> [NetworkAddress] {
        let found = try await HostLookup.system.addresses(of: host, receiver: receiver)
        guard allowsPrivate || found.allSatisfy(\.isPublic) else {
            throw OutboundError(
                .invalidParameterValue, "The \(receiver)'s host '\(host)' is in a private or reserved network.",
                hint: "Within your own network, start the server with --private-webhooks to allow it.")
        }
        return found
    }

    /// Posts a JSON text.
    /// - Throws: what kept the message from being sent or the answer from coming.
    package func post(
        _ body: String, headers: [(name: String, value: String)] = [], to url: String
    ) async throws -> OutboundAnswer {
        let place = try OutboundAddress(url, receiver: receiver, allowsPrivate: allowsPrivate)
        let address = try await addresses(of: place.host)[0]
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [place.host: address.text]
        configuration.timeout = .init(connect: .seconds(10), read: Self.timeout)
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "User-Agent": "martlet"]
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(string: body))
        do {
            let answer = try await exchange(request, over: client)
            try await client.shutdown()
            return answer
        } catch {
            try? await client.shutdown()
            throw refusal(error) ?? error
        }
    }

    /// What the system says of a connection that failed, without the library's words around it; nil for other errors. The
    /// address may be a secret, so it is not said.
    private func refusal(_ error: any Error) -> OutboundError? {
        let connection = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        guard let failure = connection as? IOError else { return nil }
        let reason = String(cString: strerror(failure.errnoCode))
        return OutboundError(
            .unavailable, "Nobody answers at the \(receiver)'s address: \(reason.lowercased()).",
            hint: "Check its url, and that the receiver runs.")
    }

    private func exchange(_ request: HTTPClientRequest, over client: HTTPClient) async throws -> OutboundAnswer {
        let response = try await client.execute(request, deadline: .now() + Self.timeout)
        var body = ByteBuffer()
        for try await chunk in response.body {
            body.writeImmutableBuffer(chunk)
            if body.readableBytes >= Self.maximumAnswerBytes { break }
        }
        let text = String(decoding: body.readableBytesView.prefix(Self.maximumAnswerBytes), as: UTF8.self)
        return OutboundAnswer(status: Int(response.status.code), body: text)
    }
}

/// What a receiver answered.
package struct OutboundAnswer: Sendable, Hashable {
    package let status: Int
    /// The beginning of it.
    package let body: String

    package var isSuccess: Bool { status < 400 }
    /// Whether it may go better another time.
    package var mayBeTriedAgain: Bool { status == 429 || status >= 500 }
}
