import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
package import Wire

// Files, which are never held as a whole.

extension APIClient {
    /// How long one file may take.
    private static let fileTimeout = TimeAmount.hours(24)

    /// The bytes of what a GET answers with, as they come.
    /// - Throws: what the server says instead.
    package func download(_ path: String) async throws -> any AsyncSequence<ByteBuffer, any Error> & Sendable {
        let response = try await send(request(.GET, path))
        return response.body
    }

    /// PUTs a file.
    /// - Throws: what the server says instead; what the chunks throw.
    package func upload(
        _ path: String, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable
    ) async throws {
        var request = request(.PUT, path)
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.body = Self.body(chunks)
        let response = try await send(request)
        _ = try await response.body.collect(upTo: 1 << 20)
    }

    private static func body(
        _ chunks: some AsyncSequence<ByteBuffer, any Error> & Sendable
    ) -> HTTPClientRequest.Body {
        .stream(chunks, length: .unknown)
    }

    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let response = try await translating { try await Self.http.execute(request, timeout: Self.fileTimeout) }
        guard !(200..<300).contains(response.status.code) else { return response }
        let answer = try await response.body.collect(upTo: 1 << 20)
        let json = try? JSON.parse(answer.readableBytesView)
        throw RemoteError(status: response.status.code, body: json, text: String(buffer: answer), url: url)
    }
}
