package import Web
import Wire

/// Questions to the audit log.
package struct AuditRoutes: Sendable {
    private let log: EventLog

    package init(log: EventLog) {
        self.log = log
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/audit/events", .read("audit"), events)
        routes.get("/api/v1/audit/verify", .read("audit"), verify)
    }

    /// `after` (a sequence number, default 0), `subject`, `limit` (1–1000, default 100); oldest first.
    private func events(_ call: Call) async throws -> Reply {
        let limit = try call.integerQuery("limit") ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let events = try await log.events(
            after: Int64(try call.integerQuery("after") ?? 0), subject: call.query("subject"), limit: limit)
        return .json(["events": .array(events.map(\.json))])
    }

    private func verify(_ call: Call) async throws -> Reply {
        .json(try await log.verify())
    }
}
