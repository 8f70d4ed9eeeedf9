import NIOHTTP1
import Wire

/// Commands of the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/) below a path.
struct WebDriver: Sendable {
    let server: LiveServer
    /// Such as `/session/8f1c`.
    let path: String

    func get(_ command: String) async throws -> JSON {
        try value(of: try await server.get(path + command))
    }

    @discardableResult
    func post(_ command: String, _ body: JSON = [:]) async throws -> JSON {
        try value(of: try await server.post(path + command, json: body))
    }

    func delete(_ command: String) async throws {
        _ = try value(of: try await server.send(.DELETE, path + command))
    }

    /// The commands for something that the browser has.
    func at(_ place: String) -> WebDriver {
        WebDriver(server: server, path: path + place)
    }

    private func value(of answer: LiveServer.Answer) throws -> JSON {
        let value = try answer.json["value"] ?? .null
        guard answer.status == 200 else {
            throw WebDriverError(
                error: value["error"]?.stringValue ?? "\(answer.status)", message: value["message"]?.stringValue ?? "")
        }
        return value
    }
}

/// What a browser would not do.
package struct WebDriverError: Error, CustomStringConvertible {
    /// The protocol's name for it, such as `no such element`.
    package let error: String
    package let message: String

    package var description: String { "\(error): \(message)" }

    /// Whether the element was taken out of the page after it had been found. Chrome says so in its own words when that
    /// happens while it looks.
    var isStale: Bool {
        // Between one page and the next there is no element at all.
        error == "stale element reference" || error == "no such element" && message.contains("\"selector\":\"body\"")
            || message.contains("Node with given id does not belong to the document")
    }
}
