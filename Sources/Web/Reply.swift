package import HTTPTypes
import Hummingbird
package import NIOCore
package import Wire

/// An answer: status, headers and a body that is in memory or streamed.
package struct Reply: Sendable {
    package enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Chunks written as the client takes them; `length` in bytes when it is known.
        case stream(length: Int?, any AsyncSequence<ByteBuffer, any Error> & Sendable)
        /// Chunks that are handed to `send`, which returns when the client has room for more.
        case written(@Sendable (_ send: (ByteBuffer) async throws -> Void) async throws -> Void)
    }

    package var status: HTTPResponse.Status
    package var headers: HTTPFields
    package var body: Body

    package init(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func bytes(
        _ bytes: some Sequence<UInt8>, type: String, status: HTTPResponse.Status = .ok
    ) -> Reply {
        Reply(status: status, headers: [.contentType: type], body: .bytes(ByteBuffer(bytes: bytes)))
    }

    package static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Reply {
        bytes(json.bytes(), type: "application/json", status: status)
    }

    /// An object whose members `body` writes.
    package static func json(nonFinite: JSON.NonFinite = .quoted, _ body: (inout JSONWriter) -> Void) -> Reply {
        var writer = JSONWriter(nonFinite: nonFinite)
        writer.object(body)
        return bytes(writer.bytes, type: "application/json")
    }

    package static func json(_ value: some JSONRepresentable, status: HTTPResponse.Status = .ok) -> Reply {
        json(value.json, status: status)
    }

    package static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Reply {
        bytes(text.utf8, type: type)
    }

    package static func html(_ html: HTML, status: HTTPResponse.Status = .ok) -> Reply {
        bytes(html.text.utf8, type: "text/html; charset=utf-8", status: status)
    }

    /// `{}`: how MLflow says that there is nothing to say.
    package static let empty = Reply.json([:])

    package func adding(_ name: HTTPField.Name, _ value: String) -> Reply {
        var copy = self
        copy.headers[name] = value
        return copy
    }

    /// The answer without its body but with its length, for HEAD.
    func withoutBody() -> Response {
        var response = response
        response.body = ResponseBody(contentLength: response.body.contentLength) { writer in
            try await writer.finish(nil)
        }
        return response
    }

    var response: Response {
        switch body {
        case .none: Response(status: status, headers: headers)
        case .bytes(let bytes): Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
        case .written(let write):
            Response(
                status: status, headers: headers,
                body: ResponseBody { writer in
                    try await write { chunk in try await writer.write(chunk) }
                    try await writer.finish(nil)
                })
        case .stream(let length, let chunks):
            Response(
                status: status, headers: headers,
                body: ResponseBody(contentLength: length) { writer in
                    for try await chunk in chunks { try await writer.write(chunk) }
                    try await writer.finish(nil)
                })
        }
    }
}
