import Web
import Wire

/// Changes of many runs at once: all of them in one transaction, or none.
struct RunBulkRoutes: Sendable {
    let store: RunStore

    func routes(into routes: inout Routes) {
        routes.post("/api/v1/runs/delete", .write("runs")) { call in
            Self.answer(try await store.delete(Self.ids(call.fields()), by: call.principal.name))
        }
        routes.post("/api/v1/runs/restore", .write("runs")) { call in
            Self.answer(try await store.restore(Self.ids(call.fields()), by: call.principal.name))
        }
        routes.post("/api/v1/runs/tag", .write("runs"), tag)
    }

    private func tag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let ids = try Self.ids(fields)
        let tags = try fields.tags()
        guard !tags.isEmpty else { throw FieldProblem.missing("tags") }
        try await store.tag(ids, tags, by: call.principal.name)
        return Self.answer(ids.count)
    }

    /// - Throws: `FieldProblem` for none, and for more than a request may name.
    private static func ids(_ fields: Fields) throws -> [String] {
        let ids = try fields.strings("run_ids")
        guard !ids.isEmpty else { throw FieldProblem.missing("run_ids") }
        guard ids.count <= RunStore.mostAtOnce else {
            throw FieldProblem(
                "'run_ids' names \(ids.count) runs; at most \(RunStore.mostAtOnce) are changed at once.",
                hint: "Send several requests.")
        }
        return ids
    }

    private static func answer(_ changed: Int) -> Reply {
        .json(["changed": .integer(Int64(changed))])
    }
}
