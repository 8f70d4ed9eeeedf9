package import Web

/// A part of a run's page that a slice above this one draws: its files, how it is done again, what became of it.
package struct RunPart: Sendable {
    /// A parameter of an address.
    package typealias Parameter = (name: String, value: String)

    let html: @Sendable (_ run: Run, _ call: Call, _ others: [Parameter]) async throws -> HTML?

    /// - Parameter html: gets what of the page's address is about other parts, for links that keep it; nil where there is nothing
    ///   to say.
    package init(html: @escaping @Sendable (_ run: Run, _ call: Call, _ others: [Parameter]) async throws -> HTML?) {
        self.html = html
    }
}
