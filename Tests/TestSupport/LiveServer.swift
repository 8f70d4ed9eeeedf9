package import AsyncHTTPClient
package import Logging
package import NIOCore
package import NIOHTTP1
package import ServiceLifecycle
package import Web
package import Wire

/// A real server of some routes on a free port, and a real client to talk to it.
///
///     try await LiveServer.run(routes) { server in
///         let answer = try await server.get("/health")
///         #expect(answer.status == 200)
///     }
package struct LiveServer: Sendable {
    package let port: Int

    package var url: String { "http://127.0.0.1:\(port)" }

    /// A server that runs on this machine already.
    package init(port: Int) {
        self.port = port
    }

    /// Starts a server, hands it to `body`, and stops it gracefully when `body` is done.
    /// - Parameter services: what runs beside the server, as in the composition root: started before, stopped after it.
    package static func run<Value>(
        _ routes: Routes, authoriser: Authoriser = .local, shell: PageShell = PageShell(sections: [], version: "0"),
        clock: WallClock = .system, limits: ServerLimits = ServerLimits(), logger: Logger = quiet,
        beside services: [any Service] = [],
        _ body: (LiveServer) async throws -> Value
    ) async throws -> Value {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = WebServer(
            host: "127.0.0.1", port: 0, routes: routes, authoriser: authoriser, shell: shell, clock: clock,
            logger: logger, limits: limits, onListening: { port.yield($0) })
        let group = ServiceGroup(services: services + [server], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { port.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(LiveServer(port: port)))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// Logs nothing but what must never happen.
    package static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    package func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.GET, path, headers: headers)
    }

    package func post(_ path: String, json: JSON, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.POST, path, body: json.text, type: "application/json", headers: headers)
    }

    /// Sends a request and reads the whole answer.
    package func send(
        _ method: HTTPMethod, _ path: String, body: String? = nil, type: String? = nil, headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers = headers
        if let type { request.headers.replaceOrAdd(name: "Content-Type", value: type) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        return try await send(request)
    }

    /// Fails at once when nobody listens any more; the shared client would try again for the whole timeout.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        // Answers are looked at as they come.
        configuration.decompression = .disabled
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// Sends any request, such as one with a streamed body; its URL must start with this server's.
    package func send(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await Self.http.execute(request, timeout: .seconds(60))
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: try await response.body.collect(upTo: 1 << 30))
    }

    /// An answer, whole.
    package struct Answer: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let body: ByteBuffer

        package var text: String { String(buffer: body) }

        /// - Throws: `JSONSyntaxError` when the body is not JSON.
        package var json: JSON {
            get throws { try JSON.parse(body.readableBytesView) }
        }

        /// The first header of a name.
        package func header(_ name: String) -> String? { headers.first(name: name) }
    }
}
