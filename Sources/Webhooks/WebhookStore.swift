package import Database
package import Events
package import Jobs
package import Wire

/// Where webhooks are kept, and what is owed to them.
package struct WebhookStore: Sendable {
    let database: Database
    private let events: EventLog
    let jobs: JobQueue
    private let vault: WebhookVault
    let clock: WallClock
    let entropy: Entropy

    package init(
        database: Database, events: EventLog, jobs: JobQueue, vault: WebhookVault, clock: WallClock, entropy: Entropy
    ) {
        self.database = database
        self.events = events
        self.jobs = jobs
        self.vault = vault
        self.clock = clock
        self.entropy = entropy
    }

    /// - Throws: `FieldProblem` for a name that breaks the rule.
    package func create(
        name: String, url: String, events wanted: [WebhookEvent], description: String?, secret: String?,
        status: Webhook.Status, by actor: String
    ) async throws -> Webhook {
        try Webhook.checkName(name)
        let now = clock.now
        let webhook = Webhook(
            id: entropy.uuid(), name: name, description: description, url: url, events: wanted, status: status,
            creationTime: now, lastUpdateTime: now)
        let sealed = try secret.map(vault.sealed)
        return try await database.write { transaction in
            try append("webhook.created", webhook, by: actor, in: transaction)
            try Self.insert(webhook, sealedSecret: sealed, in: transaction)
            return webhook
        }
    }

    static func insert(_ webhook: Webhook, sealedSecret: [UInt8]?, in transaction: Transaction) throws {
        // The log may be read late: what happened before the webhook was there is not for it.
        try transaction.execute(
            """
            INSERT INTO webhooks (webhook_id, name, description, url, secret, status, creation_time,
                last_update_time, since)
            SELECT \(webhook.id), \(webhook.name), \(webhook.description), \(webhook.url), \(sealedSecret),
                \(webhook.status.rawValue), \(webhook.creationTime), \(webhook.lastUpdateTime), sequence
            FROM event_head WHERE id = 1
            """)
        try set(webhook.events, of: webhook.id, in: transaction)
    }

    /// Newest first.
    package func webhooks(limit: Int, offset: Int) async throws -> Page<Webhook> {
        try await database.read { reader in
            let rows = try reader.webhooks(
                where: "1 = 1 ORDER BY creation_time DESC, webhook_id LIMIT \(limit + 1) OFFSET \(offset)")
            return Page(rows: rows, limit: limit, offset: offset)
        }
    }

    /// - Throws: `WebhookError` when there is none.
    package func webhook(_ id: String) async throws -> Webhook {
        try await database.read { try $0.webhook(id) }
    }

    /// - Throws: `WebhookError` when there is none; `FieldProblem` for a name that breaks the rule.
    package func change(_ id: String, _ change: WebhookChange, by actor: String) async throws -> Webhook {
        if let name = change.name { try Webhook.checkName(name) }
        let now = clock.now
        let sealed = try change.secret.map { $0.isEmpty ? nil : try vault.sealed($0) }
        return try await database.write { transaction in
            var webhook = try transaction.webhook(id)
            webhook.apply(change, at: now)
            try transaction.execute(
                """
                UPDATE webhooks SET name = \(webhook.name), description = \(webhook.description), url = \(webhook.url),
                    status = \(webhook.status.rawValue), last_update_time = \(now) WHERE webhook_id = \(id)
                """)
            if let sealed {
                try transaction.execute("UPDATE webhooks SET secret = \(sealed) WHERE webhook_id = \(id)")
            }
            if change.events != nil { try Self.set(webhook.events, of: id, in: transaction) }
            try append("webhook.changed", webhook, by: actor, in: transaction)
            return webhook
        }
    }

    /// - Throws: `WebhookError` when there is none.
    package func delete(_ id: String, by actor: String) async throws {
        try await database.write { transaction in
            let webhook = try transaction.webhook(id)
            try transaction.execute("DELETE FROM webhook_events WHERE webhook_id = \(id)")
            try forgetAll(to: id, in: transaction)
            try transaction.execute("DELETE FROM webhooks WHERE webhook_id = \(id)")
            try append("webhook.deleted", webhook, by: actor, in: transaction)
        }
    }

    /// What deliveries are signed with; nil when they are not.
    func secret(of id: String) async throws -> String? {
        let sealed: [UInt8]? =
            try await database.read { reader in
                try reader.value("SELECT secret FROM webhooks WHERE webhook_id = \(id)", as: [UInt8]?.self) ?? nil
            }
        return try sealed.map(vault.opened)
    }

    func append(
        _ kind: String, _ webhook: Webhook, by actor: String, in transaction: Transaction
    ) throws {
        let data: JSON = ["name": .string(webhook.name), "events": .strings(webhook.events.map(\.rawValue))]
        try events.append(Change(by: actor, kind, of: "webhooks/\(webhook.id)", data), in: transaction)
    }

    private static func set(_ events: [WebhookEvent], of id: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM webhook_events WHERE webhook_id = \(id)")
        try transaction.insert(
            into: "webhook_events (webhook_id, event, position)",
            rows: events.enumerated().map { [id.sqlValue, $1.rawValue.sqlValue, $0.sqlValue] })
    }
}

// MARK: - What is owed

extension WebhookStore {
    /// Up to which event the log has been read.
    func cursor() async throws -> Int64 {
        try await database.read { try $0.value("SELECT sequence FROM webhook_cursor WHERE id = 1") ?? 0 }
    }

    /// Notes that the log has been read up to `sequence`, and what is owed for the event there. Of several servers that
    /// read the log, one does this for each event.
    func advance(to sequence: Int64, owing message: WebhookMessage?) async throws {
        try await database.write { transaction in
            let moved = try transaction.execute(
                "UPDATE webhook_cursor SET sequence = \(sequence) WHERE id = 1 AND sequence < \(sequence)")
            guard moved > 0, let message else { return }
            let listeners = try transaction.values(
                """
                SELECT w.webhook_id FROM webhooks w JOIN webhook_events e ON e.webhook_id = w.webhook_id
                WHERE e.event = \(message.event.rawValue) AND w.status = \(Webhook.Status.active.rawValue)
                    AND w.since < \(sequence)
                """, as: String.self)
            for listener in listeners { try owe(message, to: listener, in: transaction) }
        }
    }
}

extension Reader {
    func webhook(_ id: String) throws -> Webhook {
        guard let webhook = try webhooks(where: "webhook_id = \(id)").first else { throw WebhookError.unknown(id) }
        return webhook
    }

    /// - Parameter condition: may end in an ordering and a limit.
    fileprivate func webhooks(where condition: SQL) throws -> [Webhook] {
        let rows = try rows(
            """
            SELECT webhook_id, name, description, url, status, creation_time, last_update_time FROM webhooks
            WHERE \(condition)
            """)
        var events: [String: [WebhookEvent]] = [:]
        let ids = try rows.map { try $0.get(0, as: String.self) }
        try forEachRow(
            "SELECT webhook_id, event FROM webhook_events WHERE webhook_id IN \(list: ids) ORDER BY webhook_id, position"
        ) { row in
            guard let event = WebhookEvent(rawValue: try row.get(1)) else { return }
            events[try row.get(0), default: []].append(event)
        }
        return try rows.map { row in
            let id: String = try row.get(0)
            return Webhook(
                id: id, name: try row.get(1), description: try row.get(2), url: try row.get(3),
                events: events[id] ?? [],
                status: Webhook.Status(rawValue: try row.get(4)) ?? .disabled, creationTime: try row.get(5),
                lastUpdateTime: try row.get(6))
        }
    }
}

extension Webhook {
    fileprivate mutating func apply(_ change: WebhookChange, at now: Timestamp) {
        name = change.name ?? name
        description = change.description ?? description
        url = change.url ?? url
        events = change.events ?? events
        status = change.status ?? status
        lastUpdateTime = now
    }
}

extension Entropy {
    /// A random UUID (version 4), such as `0f8fad5b-d9cb-469f-a165-70867728950e`.
    func uuid() -> String {
        var digits = Array(hexID())
        digits[12] = "4"
        digits[16] = Array("89ab")[(digits[16].hexDigitValue ?? 0) & 3]
        let parts = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
        return parts.joined(separator: "-")
    }
}
