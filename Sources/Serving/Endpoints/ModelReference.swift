/// Which version of a registered model is meant: `models:/name@alias` or `models:/name/version`.
package struct ModelReference: Sendable, Hashable {
    package enum Selector: Sendable, Hashable {
        /// Whatever version the alias points at, also after it has moved.
        case alias(String)
        case version(Int)
    }

    package let model: String
    package let selector: Selector

    package init(model: String, _ selector: Selector) {
        self.model = model
        self.selector = selector
    }

    /// Reads a reference; nil for any other text.
    package init?(_ text: String) {
        guard text.hasPrefix("models:/") else { return nil }
        let rest = text.dropFirst("models:/".count)
        if let at = rest.lastIndex(of: "@") {
            self.init(model: String(rest[..<at]), .alias(String(rest[rest.index(after: at)...])))
        } else if let slash = rest.lastIndex(of: "/"), let version = Int(rest[rest.index(after: slash)...]), version > 0
        {
            self.init(model: String(rest[..<slash]), .version(version))
        } else {
            return nil
        }
        let isComplete = !model.isEmpty && !model.contains("/") && selector != .alias("")
        guard isComplete else { return nil }
    }

    package var text: String {
        switch selector {
        case .alias(let alias): "models:/\(model)@\(alias)"
        case .version(let version): "models:/\(model)/\(version)"
        }
    }
}
