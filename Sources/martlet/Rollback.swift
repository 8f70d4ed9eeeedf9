import Incidents
import Serving
import Wire

extension RolloutStore {
    /// Takes back the version that an alert is about, so that the former one answers again.
    /// - Returns: what was done, as a sentence.
    /// - Throws: `IncidentError` 409 when another version answers by now, and when there is none to go back to.
    @Sendable func takeBack(_ alert: Alert) async throws -> String {
        let version = "\(alert.model)/\(alert.version)"
        let variant = alert.topic.slice.variant
        let newest = try await history(of: alert.endpoint, variant: variant, limit: 1).first
        guard let newest, newest.to == version else {
            throw IncidentError(
                .conflict,
                "\(version) is not what came to endpoint '\(alert.endpoint)' last, so nothing was taken back.",
                hint: "martlet endpoints rollouts \(alert.endpoint)")
        }
        let undone = try await rollBack(
            alert.endpoint, variant: newest.variant, by: AlertStore.actor, reason: "\(alert.title) (\(alert.id))")
        return "\(undone.to) was taken back; \(undone.from ?? "the former version") answers again."
    }
}
