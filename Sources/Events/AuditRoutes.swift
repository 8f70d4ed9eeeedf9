package import Web
import Wire

/// Questions to the audit log.
package struct AuditRoutes: Sendable {
    private let log: EventLog
    private let pageOf: @Sendable (_ subject: String) -> String?

    /// - Parameter pageOf: where people look at what an event is about; nil for what has no page.
    package init(log: EventLog, pageOf: @escaping @Sendable (_ subject: String) -> String? = { _ in nil }) {
        self.log = log
        self.pageOf = pageOf
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/audit/events", .read("audit"), events)
        routes.get("/api/v1/audit/verify", .read("audit"), verify)
        routes.page(AuditPage.path, .read("audit"), show)
    }

    /// `after` (a sequence number, default 0), `subject`, `limit` (1–1000, default 100); oldest first.
    private func events(_ call: Call) async throws -> Reply {
        let limit = try call.integerQuery("limit") ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let events = try await log.events(
            after: Int64(try call.integerQuery("after") ?? 0), subject: call.query("subject"), limit: limit)
        return .json(["events": .array(events.map(\.json))])
    }

    /// `actor`, `kind`, `subject`, `from`, `to`, `before`.
    private func show(_ call: Call) async throws -> Web.Page {
        let question = AuditPage.Question(call)
        let query = try question.query(before: call.integerQuery("before"), limit: AuditPage.pageSize)
        return AuditPage(question: question, found: try await log.search(query), pageOf: pageOf, origin: call.origin)
            .page
    }

    private func verify(_ call: Call) async throws -> Reply {
        .json(try await log.verify())
    }
}
