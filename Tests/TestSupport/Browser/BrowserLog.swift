import Wire

/// What went wrong on pages, as the browser noted it.
package struct BrowserLog: Sendable {
    package enum Trouble: Sendable, Hashable {
        /// An error that nobody caught, or that a script printed.
        case consoleError(String)
        /// Something that the content security policy forbids.
        case policyViolation(String)
        /// A request that got no answer, and why, such as `net::ERR_CONNECTION_REFUSED`.
        case failedRequest(url: String, reason: String)
        /// An answer of 400 or more.
        case refusedRequest(url: String, status: Int)
    }

    package let troubles: [Trouble]

    /// - Parameters:
    ///   - console: entries of the log `browser`.
    ///   - network: entries of the log `performance`: events of Chrome's own protocol, each as text in a text.
    init(console: [JSON], network: [JSON]) throws {
        let events = try network.map { entry in
            try JSON.parse(entry["message"]?.stringValue ?? "null")["message"] ?? .null
        }
        troubles = console.compactMap(Self.trouble(ofConsole:)) + Self.troubles(ofNetwork: events)
    }

    private static func trouble(ofConsole entry: JSON) -> Trouble? {
        let text = entry["message"]?.stringValue ?? entry.text
        if text.contains("Content Security Policy") { return .policyViolation(text) }
        // What the network did is told by its own events.
        guard entry["level"] == "SEVERE", entry["source"] != "network" else { return nil }
        return .consoleError(text)
    }

    private static func troubles(ofNetwork events: [JSON]) -> [Trouble] {
        var urls: [String: String] = [:]
        var troubles: [Trouble] = []
        for event in events {
            guard let parameters = event["params"], let id = parameters["requestId"]?.stringValue else { continue }
            switch event["method"]?.stringValue {
            case "Network.requestWillBeSent": urls[id] = parameters["request"]?["url"]?.stringValue
            case "Network.responseReceived":
                guard let status = parameters["response"]?["status"]?.integerValue, status >= 400 else { continue }
                let url = parameters["response"]?["url"]?.stringValue ?? urls[id] ?? ""
                troubles.append(.refusedRequest(url: url, status: Int(status)))
            case "Network.loadingFailed":
                // One that was under way when the page was left, and the browser's own, are no trouble.
                guard parameters["canceled"] != true, let url = urls[id], url.hasPrefix("http") else { continue }
                let reason = parameters["blockedReason"] ?? parameters["errorText"]
                troubles.append(.failedRequest(url: url, reason: reason?.stringValue ?? "unknown"))
            default: continue
            }
        }
        return troubles
    }
}

extension Browser {
    /// What was noted since it was last asked.
    package func takeLog() async throws -> BrowserLog {
        let console = try await driver.post("/se/log", ["type": "browser"])
        let network = try await driver.post("/se/log", ["type": "performance"])
        return try BrowserLog(console: console.arrayValue ?? [], network: network.arrayValue ?? [])
    }
}
