import Database
import Events
import Jobs
import Tracking
import Wire

/// A delivery that was owed, with how it went.
struct DeliveryRecord: Sendable {
    let id: String
    let webhook: String
    /// What it tells; nil for what this version does not know.
    let event: WebhookEvent?
    let owedAt: Timestamp
    fileprivate let jobID: String
    /// The work of delivering it; nil when nobody knows of it any more.
    var job: Job?

    /// Whether it is over, so that it may be sent again.
    var isOver: Bool { job?.state == .done || job?.state == .failed }
}

extension WebhookStore {
    /// How long a delivery is told of.
    private static let kept = Duration.seconds(30 * 24 * 60 * 60)
    /// More are not forgotten at once, so that nobody waits for it.
    private static let mostForgotten = 500

    /// Deliveries to a webhook, last owed first.
    func deliveries(to id: String, limit: Int, offset: Int) async throws -> Page<DeliveryRecord> {
        let found = try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT \(DeliveryRecord.columns) FROM webhook_deliveries WHERE webhook_id = \(id)
                ORDER BY owed_at DESC, delivery_id LIMIT \(limit + 1) OFFSET \(offset)
                """, as: DeliveryRecord.self)
            return Page(rows: rows, limit: limit, offset: offset)
        }
        return Page(elements: try await withJobs(found.elements), next: found.next)
    }

    /// The last delivery to each of some webhooks, by webhook.
    func lastDeliveries(to ids: [String]) async throws -> [String: DeliveryRecord] {
        let found = try await database.read { reader in
            try ids.compactMap { id in
                try reader.row(
                    """
                    SELECT \(DeliveryRecord.columns) FROM webhook_deliveries WHERE webhook_id = \(id)
                    ORDER BY owed_at DESC, delivery_id LIMIT 1
                    """, as: DeliveryRecord.self)
            }
        }
        return Dictionary(try await withJobs(found).map { ($0.webhook, $0) }) { first, _ in first }
    }

    private func withJobs(_ records: [DeliveryRecord]) async throws -> [DeliveryRecord] {
        let jobs = try await jobs.jobs(ids: records.map(\.jobID))
        let known = Dictionary(jobs.map { ($0.id, $0) }) { first, _ in first }
        return records.map { record in
            var record = record
            record.job = known[record.jobID]
            return record
        }
    }

    /// Owes a message to a webhook, whether or not it is told of such events.
    func owe(_ message: WebhookMessage, to id: String) async throws {
        try await database.write { transaction in
            _ = try transaction.webhook(id)
            try owe(message, to: id, in: transaction)
        }
    }

    func owe(_ message: WebhookMessage, to id: String, in transaction: Transaction) throws {
        let delivery = WebhookDelivery(id: entropy.uuid(), webhook: id, body: message.body)
        let job = try jobs.enqueue(WebhookDelivery.jobKind, delivery.json, in: transaction)
        try transaction.execute(
            """
            INSERT INTO webhook_deliveries (delivery_id, webhook_id, event, owed_at, job_id)
            VALUES (\(delivery.id), \(id), \(message.event.rawValue), \(clock.now), \(job))
            """)
        try forgetOld(to: id, in: transaction)
    }

    /// Forgets deliveries to a webhook that were owed long ago, and their jobs; what is not over stays.
    private func forgetOld(to id: String, in transaction: Transaction) throws {
        let old = try transaction.values(
            """
            SELECT job_id FROM webhook_deliveries
            WHERE webhook_id = \(id) AND owed_at < \(clock.now + (.zero - Self.kept))
            ORDER BY owed_at LIMIT \(Self.mostForgotten)
            """, as: String.self)
        guard !old.isEmpty else { return }
        let left = Set(try jobs.forget(old, in: transaction))
        let gone = old.filter { !left.contains($0) }
        try transaction.execute(
            "DELETE FROM webhook_deliveries WHERE webhook_id = \(id) AND job_id IN \(list: gone)")
    }

    /// Forgets all deliveries to a webhook. What is still to be sent finds nobody to send it to.
    func forgetAll(to id: String, in transaction: Transaction) throws {
        let all = try transaction.values(
            "SELECT job_id FROM webhook_deliveries WHERE webhook_id = \(id)", as: String.self)
        try jobs.forget(all, in: transaction)
        try transaction.execute("DELETE FROM webhook_deliveries WHERE webhook_id = \(id)")
    }

    /// Owes a delivery once more that is over: the same message under the same id.
    /// - Throws: `WebhookError` 404 when there is none of this id, 409 when it is under way.
    func retry(_ delivery: String, to id: String, by actor: String) async throws {
        let record = try await database.read { reader in
            try reader.row(
                """
                SELECT \(DeliveryRecord.columns) FROM webhook_deliveries
                WHERE delivery_id = \(delivery) AND webhook_id = \(id)
                """, as: DeliveryRecord.self)
        }
        guard let record, let job = try await jobs.job(id: record.jobID) else {
            throw WebhookError(.doesNotExist, "There is no delivery '\(delivery.cut(to: 80))' to this webhook.")
        }
        let underWay = WebhookError(
            .conflict, "The delivery is under way; it is tried again by itself.",
            hint: "Wait until it has arrived or failed.")
        guard job.state == .done || job.state == .failed else { throw underWay }
        try await database.write { transaction in
            let webhook = try transaction.webhook(id)
            let again = try jobs.enqueue(WebhookDelivery.jobKind, job.payload, in: transaction)
            let changed = try transaction.execute(
                """
                UPDATE webhook_deliveries SET job_id = \(again)
                WHERE delivery_id = \(delivery) AND job_id = \(record.jobID)
                """)
            // Somebody else has just done the same.
            guard changed > 0 else { throw underWay }
            try jobs.forget([record.jobID], in: transaction)
            try append("webhook.retried", webhook, by: actor, in: transaction)
        }
    }
}

extension DeliveryRecord: RowDecodable {
    static let columns: SQL = "delivery_id, webhook_id, event, owed_at, job_id"

    init(row: Row) throws {
        id = try row.get(0)
        webhook = try row.get(1)
        event = WebhookEvent(rawValue: try row.get(2))
        owedAt = try row.get(3)
        jobID = try row.get(4)
    }
}
