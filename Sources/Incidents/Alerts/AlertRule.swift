package import Manifests

/// What a monitor's manifest says of its alerts: whose they are, how bad, what to read, whom to tell, what to do.
///
///     owner: ana
///     severity: high
///     runbook: https://wiki.example.org/churn
///     notify: [team-slack]
///     on_alert: { run: ["python3", "retrain.py"], cooldown_minutes: 60 }
package struct AlertRule: Sendable, Hashable {
    package var owner: String?
    package var severity: Severity
    /// An address, for people to read.
    package var runbook: String?
    /// The names of channels.
    package var notify: [String]
    package var onAlert: Remedy?

    /// The keys of a monitor's spec that it reads.
    package static let keys = ["owner", "severity", "runbook", "notify", "on_alert"]

    package init(
        owner: String? = nil, severity: Severity = .standard, runbook: String? = nil, notify: [String] = [],
        onAlert: Remedy? = nil
    ) {
        self.owner = owner
        self.severity = severity
        self.runbook = runbook
        self.notify = notify
        self.onAlert = onAlert
    }

    /// - Throws: `ManifestError` with the place of what is wrong.
    package init(_ spec: ManifestFields) throws {
        owner = try spec.optionalString("owner")
        severity = try Self.severity(spec)
        runbook = try Self.runbook(spec)
        notify = try spec.strings("notify")
        onAlert = try spec.optional("on_alert").map(Remedy.init)
    }

    private static func severity(_ spec: ManifestFields) throws -> Severity {
        guard let node = spec.optional("severity") else { return .standard }
        guard let severity = try spec.optionalString("severity").flatMap(Severity.init) else {
            let known = Severity.allCases.map(\.rawValue).joined(separator: ", ")
            throw ManifestError(at: node.place, "expected one of \(known)")
        }
        return severity
    }

    /// It becomes a link on pages, so nothing but an address of the web will do.
    private static func runbook(_ spec: ManifestFields) throws -> String? {
        guard let node = spec.optional("runbook"), let text = try spec.optionalString("runbook") else { return nil }
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw ManifestError(at: node.place, "expected an address that begins with https:// or http://")
        }
        return text
    }
}
