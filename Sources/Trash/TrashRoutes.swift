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
        routes.page(TrashPage.path, .read("trash"), show)
        routes.post("\(TrashPage.path)/restore", .write("trash")) { call in
            try await restore(try await call.form(), call)
            return .seeOther(TrashPage.path)
        }
        routes.post("\(TrashPage.path)/purge", .manage("trash")) { call in
            var order = PurgeOrder()
            let fields = try await call.form()
            order.kind = try DeletedKind(named: fields.string("kind"))
            order.id = try fields.string("id")
            _ = try await store.purge(order, by: call.principal.name)
            return .seeOther(TrashPage.path)
        }
        routes.post("\(TrashPage.path)/finish", .manage("trash")) { _ in
            try await store.finishSome()
            return .seeOther(TrashPage.path)
        }
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

    private func restore(_ call: Call) async throws -> Reply {
        try await restore(try await call.fields(), call)
        return .empty
    }

    /// `kind`, `id`, and for a registered model `name`.
    private func restore(_ fields: Fields, _ call: Call) async throws {
        try await store.restore(
            DeletedKind(named: fields.string("kind")), fields.string("id"), as: fields.optionalString("name"),
            by: call.principal.name)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let kind = try call.query("kind").flatMap { $0.isEmpty ? nil : try DeletedKind(named: $0) }
        let items = try await store.items(kind: kind, limit: TrashPage.pageSize, offset: call.pageOffset() ?? 0)
        return TrashPage(
            items: items, kind: kind, unfinished: try await store.unfinishedPurges(), now: call.time,
            origin: call.origin
        ).page
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
