import Wire

/// What a `models:/` URI names.
package enum ModelReference: Sendable, Hashable {
    case version(name: String, Int64)
    case alias(name: String, String)
    /// The highest version there is.
    case latest(name: String)
    /// The newest version in a stage.
    case stage(name: String, ModelStage)
    /// A logged model, registered or not.
    case loggedModel(String)

    /// Reads `models:/NAME/3`, `models:/NAME@alias`, `models:/NAME/latest`, `models:/NAME/Production` or `models:/m-ID`.
    ///
    /// A name may have an `@` in it: the last one is before the alias.
    /// - Throws: `RegistryError` for anything else.
    package init(_ uri: String) throws {
        guard uri.hasPrefix("models:/") else { throw Self.malformed(uri) }
        let path = uri.dropFirst("models:/".count)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let read =
            switch parts.count {
            case 1: Self.aliased(parts[0]) ?? Self.logged(parts[0])
            case 2: Self.numbered(parts[1], of: parts[0])
            default: ModelReference?.none
            }
        guard let read, read.name?.allSatisfy(\.isWhitespace) != true else { throw Self.malformed(uri) }
        self = read
    }

    private static func numbered(_ version: String, of name: String) -> ModelReference? {
        if version.lowercased() == "latest" { return .latest(name: name) }
        if let stage = try? ModelStage(named: version) { return .stage(name: name, stage) }
        // Only as it would be written, so that no two texts name one version.
        guard let number = Int64(version), number > 0, String(number) == version else { return nil }
        return .version(name: name, number)
    }

    private static func aliased(_ text: String) -> ModelReference? {
        guard let at = text.lastIndex(of: "@"), text.index(after: at) != text.endIndex else { return nil }
        return .alias(name: String(text[..<at]), String(text[text.index(after: at)...]))
    }

    private static func logged(_ text: String) -> ModelReference? {
        text.wholeMatch(of: /m-[0-9a-f]{32}/) == nil ? nil : .loggedModel(text)
    }

    /// The registered model's name; nil for a logged model.
    package var name: String? {
        switch self {
        case .version(let name, _), .alias(let name, _), .latest(let name), .stage(let name, _): name
        case .loggedModel: nil
        }
    }

    /// As it is written, such as `models:/churn@champion`.
    package var uri: String {
        switch self {
        case .version(let name, let version): "models:/\(name)/\(version)"
        case .alias(let name, let alias): "models:/\(name)@\(alias)"
        case .latest(let name): "models:/\(name)/latest"
        case .stage(let name, let stage): "models:/\(name)/\(stage.rawValue)"
        case .loggedModel(let id): "models:/\(id)"
        }
    }

    private static func malformed(_ uri: String) -> RegistryError {
        RegistryError(
            .invalidParameterValue, "'\(uri)' does not name a model.",
            hint: "Write models:/NAME/VERSION, models:/NAME@ALIAS or models:/NAME/latest.")
    }
}
