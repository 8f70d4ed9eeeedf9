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
    /// - Throws: `RegistryError` for anything else.
    package init(_ uri: String) throws {
        guard uri.hasPrefix("models:/") else { throw Self.malformed(uri) }
        let path = uri.dropFirst("models:/".count)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, !parts[0].isEmpty {
            if let number = Int64(parts[1]), number > 0 {
                self = .version(name: parts[0], number)
            } else if parts[1].lowercased() == "latest" {
                self = .latest(name: parts[0])
            } else {
                self = .stage(name: parts[0], try ModelStage(named: parts[1]))
            }
            return
        }
        let aliased = path.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, aliased.count == 2, aliased.allSatisfy({ !$0.isEmpty }) {
            self = .alias(name: aliased[0], aliased[1])
        } else if parts.count == 1, path.hasPrefix("m-"), path.utf8.count == 34 {
            self = .loggedModel(String(path))
        } else {
            throw Self.malformed(uri)
        }
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
