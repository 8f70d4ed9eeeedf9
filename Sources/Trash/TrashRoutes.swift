import Tracking
package import Web
import Wire

/// The trash over HTTP. MLflow's own endpoints delete and restore by their own rules; these show, restore and purge.
package struct TrashRoutes: Sendable {
    private let store: TrashStore

    package init(store: TrashStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/trash", .read("trash"), list)
        routes.post("/api/v1/trash/restore", .write("trash"), restore)
        routes.post("/api/v1/trash/purge", .manage("trash"), purge)
    }

    /// `kind`, `limit` (1–1000, default 100), `page_token`; last deleted first.
    private func list(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        let kind = try fields.optionalString("kind").map(DeletedKind.init(named:))
        let limit = try fields.optionalInteger("limit").map(Int.init(clamping:)) ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let page = try await store.items(kind: kind, limit: limit, offset: fields.offset())
        return .json(
            .compact([
                "items": .array(page.elements.map(\.json)), "next_page_token": page.next.map { .string($0.text) },
                "unfinished_purges": .integer(Int64(try await store.unfinishedPurges())),
            ]))
    }

    /// `kind`, `id`, and for a registered model `name`.
    private func restore(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await store.restore(
            DeletedKind(named: fields.string("kind")), fields.string("id"), as: fields.optionalString("name"),
            by: call.principal.name)
        return .empty
    }

    /// `kind`, `id`, `older_than_ms`, `dry_run`, `force`, `offset`. An answer with `next` is a portion: send the order
    /// again with it as `offset`.
    private func purge(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        var order = PurgeOrder()
        order.kind = try fields.optionalString("kind").map(DeletedKind.init(named:))
        order.id = try fields.optionalString("id")
        guard order.id == nil || order.kind != nil else { throw FieldProblem.missing("kind") }
        if let age = try fields.optionalInteger("older_than_ms") {
            guard age >= 0 else { throw FieldProblem("Parameter 'older_than_ms' must not be negative.") }
            order.deletedBy = Timestamp(milliseconds: call.time.milliseconds - age)
        }
        order.isDryRun = try fields.optionalBool("dry_run") ?? false
        order.isForced = try fields.optionalBool("force") ?? false
        order.offset = Int(clamping: try fields.optionalInteger("offset") ?? 0)
        guard order.offset >= 0 else { throw FieldProblem("Parameter 'offset' must not be negative.") }
        return .json(try await store.purge(order, by: call.principal.name))
    }
}
