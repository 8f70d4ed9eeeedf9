import Testing
import Wire

/// A mouse (https://www.w3.org/TR/webdriver2/#actions).
extension Browser {
    /// Presses at one place across what a selector finds, moves over others and lets go at the last.
    /// - Parameter places: 0 at its left end, 1 at its right one.
    package func drag(over selector: String, _ places: [Double]) async throws {
        let box = try await run(
            """
            const element = document.querySelector(arguments[0]);
            element.scrollIntoView({ block: "center" });
            const box = element.getBoundingClientRect();
            return [box.left, box.width, box.top + box.height / 2];
            """, [.string(selector)])
        let numbers = (box.arrayValue ?? []).compactMap(\.doubleValue)
        try #require(numbers.count == 3, "\(selector): \(box)")
        let moves = places.map { place -> JSON in
            [
                "type": "pointerMove", "duration": 0, "x": .integer(Int64((numbers[0] + place * numbers[1]).rounded())),
                "y": .integer(Int64(numbers[2].rounded())),
            ]
        }
        let actions =
            [moves[0], ["type": "pointerDown", "button": 0]] + moves.dropFirst() + [["type": "pointerUp", "button": 0]]
        try await driver.post(
            "/actions", ["actions": [["type": "pointer", "id": "mouse", "actions": .array(actions)]]])
    }
}
