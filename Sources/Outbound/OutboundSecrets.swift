import Wire

/// The secrets that the server may send to other machines: environment variables whose names begin with `MARTLET_SECRET_`.
/// Whoever writes manifests names them, and can have no other variable sent away.
package struct OutboundSecrets: Sendable {
    package static let variablePrefix = "MARTLET_SECRET_"

    private let values: [String: String]

    /// - Parameter environment: of which only secrets are kept.
    package init(environment: [String: String]) {
        values = environment.filter { $0.key.hasPrefix(Self.variablePrefix) }
    }

    /// What a variable holds, without the line ends that files and shells leave behind.
    /// - Throws: `OutboundError` when it is not set, or holds more than a line.
    package func value(of variable: String) throws -> String {
        let lines = (values[variable] ?? "").split(whereSeparator: \.isNewline)
        guard let line = lines.first, lines.count == 1, !line.utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
            throw OutboundError(
                .invalidParameterValue,
                lines.isEmpty
                    ? "The server has no environment variable '\(variable)'."
                    : "The environment variable '\(variable)' must hold one line of text.",
                hint: "Set it for 'martlet server', and start that again.")
        }
        return String(line)
    }
}
