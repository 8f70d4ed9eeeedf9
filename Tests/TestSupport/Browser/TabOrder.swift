import Wire

/// Where the focus comes to, one press of Tab after the other.
package struct TabStop: Sendable, Hashable {
    package let role: String
    package let name: String
    /// Where it leads; nil when it is no link.
    package let path: String?
    /// Whether it is in the part of the page that is its own.
    package let isInMain: Bool
}

extension Browser {
    /// Presses Tab on a page that was just opened until the focus is in the page's own part, or comes round.
    /// - Returns: the stops in order, the first one in the page's own part last.
    package func tabStops(limit: Int = 60) async throws -> [TabStop] {
        var stops: [TabStop] = []
        while stops.count < limit {
            try await press(.tab)
            let place = try await run(
                """
                const e = document.activeElement;
                return [e === document.body, e.getAttribute("href"), e.closest("main") !== null];
                """)
            guard let facts = place.arrayValue, facts[0] == false else { break }
            let element = try await focused
            let stop = TabStop(
                role: try await element.role, name: try await element.name, path: facts[1].stringValue,
                isInMain: facts[2] == true)
            stops.append(stop)
            if stop.isInMain { break }
        }
        return stops
    }
}
