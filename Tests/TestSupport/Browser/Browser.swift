import Foundation
package import Wire

/// A real browser that a test leads through pages.
///
///     try await browser.open(server.url + "/experiments")
///     try await browser.find(.link, named: "Default").click()
///     try await browser.wait(for: "the experiment") { try await $0.url.hasSuffix("/experiments/0") }
package struct Browser: Sendable {
    let driver: WebDriver

    // MARK: Where it is

    /// Goes to an address, and waits until everything that the page names is loaded.
    package func open(_ url: String) async throws {
        try await driver.post("/url", ["url": .string(url)])
    }

    package func reload() async throws {
        try await driver.post("/refresh")
    }

    package var url: String {
        get async throws { try await driver.get("/url").stringValue ?? "" }
    }

    /// The title of the document.
    package var title: String {
        get async throws { try await driver.get("/title").stringValue ?? "" }
    }

    /// The text of the page as it is to be read, without what is hidden.
    package var text: String {
        get async throws { try await find("body").text }
    }

    // MARK: Scripts

    /// Runs the body of a function in the page, and gives what it returns.
    @discardableResult
    package func run(_ script: String, _ arguments: [JSON] = []) async throws -> JSON {
        try await driver.post("/execute/sync", ["script": .string(script), "args": .array(arguments)])
    }

    /// Runs the body of a function in the page, which calls `done` with its result when it is ready.
    @discardableResult
    package func runUntilDone(_ script: String, _ arguments: [JSON] = []) async throws -> JSON {
        let body = "const done = arguments[arguments.length - 1];\n\(script)"
        return try await driver.post("/execute/async", ["script": .string(body), "args": .array(arguments)])
    }

    /// A command of Chrome's own protocol (https://chromedevtools.github.io/devtools-protocol/).
    @discardableResult
    package func devTools(_ command: String, _ parameters: JSON = [:]) async throws -> JSON {
        try await driver.post("/goog/cdp/execute", ["cmd": .string(command), "params": parameters])
    }

    /// Cuts what it loads from now on off from the network, or lets it through again.
    package func goOffline(_ isOff: Bool) async throws {
        try await devTools("Network.enable")
        try await devTools(
            "Network.emulateNetworkConditions",
            ["offline": .bool(isOff), "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1])
    }

    // MARK: Waiting

    /// Looks until it is as it should be.
    /// - Parameter words: what is waited for, for whoever reads that it did not come.
    /// - Throws: `DidNotCome` when it is not within `limit`.
    package func wait(
        for words: String, limit: Duration = .seconds(30), until condition: (Browser) async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        func isReached() async throws -> Bool {
            do {
                return try await condition(self)
            } catch let error as WebDriverError where error.isStale {
                // What was looked at belonged to the page before.
                return false
            }
        }
        while try await !isReached() {
            guard ContinuousClock.now < end else {
                throw DidNotCome(words: words, url: try await url, text: String(try await text.prefix(2000)))
            }
            try Task.checkCancellation()
        }
    }

    package struct DidNotCome: Error {
        package let words: String
        package let url: String
        /// What the page says instead.
        package let text: String
    }

    /// Ends the browser.
    package func close() async throws {
        try await driver.delete("")
    }
}
