import AsyncHTTPClient
package import Jobs
import NIOCore
import NIOHTTP1
package import Wire

/// Sends messages to webhooks, to no address that it has not looked at first: the connection is opened to the very
/// address that was found public, so that a name cannot mean another machine a moment later. Redirects are not followed.
package struct WebhookSender: Sendable {
    private let store: WebhookStore
    private let clock: WallClock
    /// Whether addresses of private networks, and plain http, are allowed.
    package let allowsPrivate: Bool

    /// How long a receiver may take.
    private static let timeout = TimeAmount.seconds(30)
    /// How much of an answer is read.
    private static let maximumAnswerBytes = 16 << 10

    package init(store: WebhookStore, clock: WallClock, allowsPrivate: Bool) {
        self.store = store
        self.clock = clock
        self.allowsPrivate = allowsPrivate
    }

    /// - Throws: `FieldProblem` or `WebhookError` for an address that deliveries must not go to.
    func check(_ url: String) async throws {
        _ = try await addresses(of: WebhookAddress(url, allowsPrivate: allowsPrivate))
    }

    private func addresses(of place: WebhookAddress) async throws -> [NetworkAddress] {
        let found = try await HostLookup.addresses(of: place.host)
        guard allowsPrivate || found.allSatisfy(\.isPublic) else {
            throw WebhookError(
                .invalidParameterValue, "The webhook's host '\(place.host)' is in a private or reserved network.",
                hint: "Within your own network, start the server with --private-webhooks to allow it.")
        }
        return found
    }

    /// - Throws: what kept the message from being sent or the answer from coming.
    func send(_ body: String, id: String, to webhook: Webhook) async throws -> WebhookAnswer {
        let place = try WebhookAddress(webhook.url, allowsPrivate: allowsPrivate)
        let address = try await addresses(of: place)[0]
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [place.host: address.text]
        configuration.timeout = .init(connect: .seconds(10), read: Self.timeout)
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        do {
            let answer = try await exchange(try await request(body, id: id, to: webhook), over: client)
            try await client.shutdown()
            return answer
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func request(_ body: String, id: String, to webhook: Webhook) async throws -> HTTPClientRequest {
        let time = String(clock.now.milliseconds / 1000)
        var request = HTTPClientRequest(url: webhook.url)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json", "User-Agent": "martlet", "X-MLflow-Delivery-Id": id,
            "X-MLflow-Timestamp": time,
        ]
        if let secret = try await store.secret(of: webhook.id) {
            let signature = WebhookSignature.signature(of: body, id: id, time: time, secret: secret)
            request.headers.add(name: "X-MLflow-Signature", value: signature)
        }
        request.body = .bytes(ByteBuffer(string: body))
        return request
    }

    private func exchange(_ request: HTTPClientRequest, over client: HTTPClient) async throws -> WebhookAnswer {
        let response = try await client.execute(request, deadline: .now() + Self.timeout)
        var body = ByteBuffer()
        for try await chunk in response.body {
            body.writeImmutableBuffer(chunk)
            if body.readableBytes >= Self.maximumAnswerBytes { break }
        }
        let text = String(decoding: body.readableBytesView.prefix(Self.maximumAnswerBytes), as: UTF8.self)
        return WebhookAnswer(status: Int(response.status.code), body: text)
    }
}

extension WebhookSender {
    /// Delivers what is owed. An answer of 429 or 5xx, and none, is a reason to try again; any other ends it.
    package var handler: JobHandler {
        JobHandler(kind: WebhookDelivery.jobKind, maximumAttempts: WebhookDelivery.maximumAttempts) { [self] job in
            let delivery = try WebhookDelivery(job.payload)
            guard let webhook = try? await store.webhook(delivery.webhook), webhook.status == .active else {
                return ["skipped": true]
            }
            let answer = try await send(delivery.body, id: delivery.id, to: webhook)
            guard !answer.mayBeTriedAgain else {
                throw WebhookError(.unavailable, "The webhook '\(webhook.name)' answered with \(answer.status).")
            }
            return ["status": .integer(Int64(answer.status))]
        }
    }
}
