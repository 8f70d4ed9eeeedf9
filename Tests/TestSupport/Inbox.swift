import HTTPTypes
import NIOCore
import Synchronization
package import Web
package import Wire

/// A receiver of webhooks that writes down what it gets at `/hook`.
package final class Inbox: Sendable {
    package struct Message: Sendable {
        package let text: String
        package let body: JSON
        fileprivate let headers: [String: String]

        package func header(_ name: String) -> String { headers[name.lowercased()] ?? "" }
    }

    private let received = Mutex<[Message]>([])
    private let status: Int

    /// - Parameter status: 200, or another for one that takes nothing for now.
    package init(status: Int = 200) {
        self.status = status
    }

    package var messages: [Message] { received.withLock { $0 } }

    package var routes: Routes {
        var routes = Routes()
        routes.add(.post, "/hook", .open) { [self] call in
            let text = String(buffer: try await call.body())
            let headers = Dictionary(
                call.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { first, _ in first })
            let message = Message(text: text, body: try JSON.parse(text.utf8), headers: headers)
            received.withLock { $0.append(message) }
            guard status == 200 else { throw WebError(.unavailable, "Later.") }
            return .empty
        }
        return routes
    }
}
