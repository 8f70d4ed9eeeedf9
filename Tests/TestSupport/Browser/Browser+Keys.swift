import Wire

/// Keys that write nothing, as the protocol spells them (https://www.w3.org/TR/webdriver2/#keyboard-actions).
package enum Key: String, Sendable {
    case tab = "\u{E004}"
    case enter = "\u{E007}"
    case shift = "\u{E008}"
    case control = "\u{E009}"
    case escape = "\u{E00C}"
    case space = "\u{E00D}"
    case left = "\u{E012}"
    case up = "\u{E013}"
    case right = "\u{E014}"
    case down = "\u{E015}"
}

extension Browser {
    package func press(_ key: Key, holding held: Key? = nil) async throws {
        try await press(key.rawValue, holding: held)
    }

    /// Presses and lets go the key of a character, while another one may be held.
    package func press(_ character: String, holding held: Key? = nil) async throws {
        let around = held.map(\.rawValue)
        let keys: [(String, String?)] = [
            ("keyDown", around), ("keyDown", character), ("keyUp", character), ("keyUp", around),
        ]
        let actions = keys.compactMap { type, value -> JSON? in
            value.map { ["type": .string(type), "value": .string($0)] }
        }
        try await driver.post(
            "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }

    /// What has the focus; the body when nothing has.
    package var focused: Element {
        get async throws { try Element(try await driver.get("/element/active"), in: driver) }
    }
}
