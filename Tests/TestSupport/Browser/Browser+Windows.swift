import Wire

/// The tabs of a browser. What is asked of it is asked of one of them (https://www.w3.org/TR/webdriver2/#contexts).
extension Browser {
    /// Their names.
    package var windows: [String] {
        get async throws { try await driver.get("/window/handles").arrayValue?.compactMap(\.stringValue) ?? [] }
    }

    /// Speaks to another tab from now on.
    package func turn(to window: String) async throws {
        try await driver.post("/window", ["handle": .string(window)])
    }
}
