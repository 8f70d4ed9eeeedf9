import AsyncHTTPClient
import NIOCore
package import NIOHTTP1
import NIOPosix

/// One message of a stream of server-sent events; a comment has no name.
package struct ServerEvent: Sendable, Hashable {
    package var name = ""
    package var id = ""
    package var data = ""

    /// What says that nothing is new.
    package static let comment = ServerEvent()
}

extension LiveServer {
    /// The messages of a stream, as they come.
    package struct Events: AsyncSequence {
        fileprivate let body: HTTPClientResponse.Body

        package struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate var chunks: HTTPClientResponse.Body.AsyncIterator
            private var text = ""

            fileprivate init(_ chunks: HTTPClientResponse.Body.AsyncIterator) {
                self.chunks = chunks
            }

            package mutating func next() async throws -> ServerEvent? {
                while true {
                    if let end = text.firstRange(of: "\n\n") {
                        let lines = text[..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
                        text.removeSubrange(..<end.upperBound)
                        return Self.event(lines)
                    }
                    guard let chunk = try await chunks.next() else { return nil }
                    text += String(buffer: chunk)
                }
            }

            private static func event(_ lines: [Substring]) -> ServerEvent {
                var event = ServerEvent()
                var data: [Substring] = []
                for line in lines {
                    if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                    if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                    if line.hasPrefix("data: ") { data.append(line.dropFirst(6)) }
                }
                event.data = data.joined(separator: "\n")
                return event
            }
        }

        package func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(body.makeAsyncIterator())
        }
    }

    /// Opens a stream of events.
    /// - Returns: the status with which it began, its type, and its messages.
    package func events(_ path: String, lastID: String? = nil, cookie: String? = nil) async throws -> (
        status: Int, type: String?, events: Events
    ) {
        var request = HTTPClientRequest(url: url + path)
        request.headers = ["Accept": "text/event-stream"]
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        if let lastID { request.headers.add(name: "Last-Event-ID", value: lastID) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        return (Int(response.status.code), response.headers.first(name: "Content-Type"), Events(body: response.body))
    }
}
