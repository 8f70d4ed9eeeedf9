import HTTPTypes
import Web
import Wire

/// Views under their names: documents that are read, written, and carried from one experiment to another.
struct SavedViewRoutes: Sendable {
    let experiments: ExperimentStore
    let store: SavedViewStore

    func routes(into routes: inout Routes) {
        routes.get("/api/v1/experiments/{id}/views", .read("experiments"), list)
        routes.post("/api/v1/experiments/{id}/views", .write("experiments"), create)
        routes.get("/api/v1/views/{id}", .read("experiments"), get)
        routes.put("/api/v1/views/{id}", .write("experiments"), replace)
        routes.delete("/api/v1/views/{id}", .write("experiments"), delete)
    }

    private func list(_ call: Call) async throws -> Reply {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let views = try await store.views(of: experiment.id, for: call.principal.name)
        return .json(["views": .array(views.map(\.json))])
    }

    private func create(_ call: Call) async throws -> Reply {
        let experiment = try ExperimentID(call.path("id"))
        let draft = try Self.draft(await call.fields(), in: experiment)
        return Self.answer(try await store.create(draft, in: experiment, by: call.principal.name), status: .created)
    }

    private func get(_ call: Call) async throws -> Reply {
        Self.answer(try await store.view(Self.id(call), for: call.principal.name))
    }

    /// What is sent is the whole document, with the version that it was made from: in `If-Match`, or in the document.
    private func replace(_ call: Call) async throws -> Reply {
        let id = try Self.id(call)
        let fields = try await call.fields()
        guard let version = try Self.version(call) ?? fields.optionalInteger("version") else {
            throw FieldProblem.missing("version")
        }
        let old = try await store.view(id, for: call.principal.name)
        let draft = try Self.draft(fields, in: old.experiment)
        return Self.answer(try await store.replace(id, with: draft, version: version, by: call.principal.name))
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(Self.id(call), version: Self.version(call), by: call.principal.name)
        return .empty
    }

    private static func id(_ call: Call) throws -> Int64 {
        let text = try call.path("id")
        guard let id = Int64(text) else { throw FieldProblem("'\(text)' is not the number of a view.") }
        return id
    }

    /// - Throws: `FieldProblem` for an `If-Match` that no answer gave as `ETag`.
    private static func version(_ call: Call) throws -> Int64? {
        guard let header = call.headers[.ifMatch] else { return nil }
        guard let version = Int64(header.filter { $0 != "\"" }) else {
            throw FieldProblem("'If-Match: \(header)' names no version.")
        }
        return version
    }

    private static func draft(_ fields: Fields, in experiment: ExperimentID) throws -> SavedView.Draft {
        let content = try fields.optionalObject("view")
        return try SavedView.Draft(
            name: fields.string("name"), view: try RunView { try content?.optionalString($0) },
            isShared: fields.optionalBool("shared") ?? false, isDefault: fields.optionalBool("default") ?? false,
            in: experiment)
    }

    private static func answer(_ view: SavedView, status: HTTPResponse.Status = .ok) -> Reply {
        .json(view, status: status).adding(.eTag, "\"\(view.version)\"")
    }
}
