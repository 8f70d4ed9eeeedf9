package import Registry
import Tracking
package import Web
import Wire

/// Batches over HTTP.
package struct ScoringRoutes: Sendable {
    private let store: ScoringJobStore
    private let places: ScoringPlaces
    private let versions: ModelVersionStore

    package init(store: ScoringJobStore, places: ScoringPlaces, versions: ModelVersionStore) {
        self.store = store
        self.places = places
        self.versions = versions
    }

    package func routes(into routes: inout Routes) {
        routes.post("/api/v1/batches", .write("batches"), create)
        routes.get("/api/v1/batches", .read("batches"), list)
        routes.get("/api/v1/batches/{batch_id}", .read("batches"), get)
        routes.post("/api/v1/batches/{batch_id}/cancel", .write("batches"), cancel)
        routes.page("/batches", .read("batches"), listPage)
        routes.page("/batches/{batch_id}", .read("batches"), page)
        routes.post("/batches/{batch_id}/cancel", .write("batches")) { call in
            .seeOther("/batches/\(try await store.cancel(call.path("batch_id"), by: call.principal.name).id)")
        }
    }

    /// `model`, `input`, `output`; also `failed_output`, `input_format`, `output_format`, `columns`, `params`,
    /// `batch_rows`, `limit_failures`, `overwrite`.
    private func create(_ call: Call) async throws -> Reply {
        let request = try ScoringRequest(try await call.fields())
        // What is plainly wrong is said now rather than found out by the job.
        _ = try await versions.resolve(ModelReference(request.model))
        try await places.check(request)
        return .json(try await store.create(request, by: call.principal.name))
    }

    /// `state`, `limit` (1–1000, default 100), `page_token`; newest first.
    private func list(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        let state = try fields.optionalString("state").map(Self.state(named:))
        let limit = try fields.optionalInteger("limit").map(Int.init(clamping:)) ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let page = try await store.batches(state: state, limit: limit, offset: fields.offset())
        return .json(
            .compact([
                "batches": .array(page.elements.map(\.json)), "next_page_token": page.next.map { .string($0.text) },
            ]))
    }

    private static func state(named name: String) throws -> ScoringJob.State {
        guard let state = ScoringJob.State(rawValue: name) else {
            let states = ScoringJob.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem("There is no state '\(name)' of batches; there are \(states).")
        }
        return state
    }

    private func listPage(_ call: Call) async throws -> Web.Page {
        let state = try call.query("state").flatMap { $0.isEmpty ? nil : try Self.state(named: $0) }
        let batches = try await store.batches(
            state: state, limit: BatchPage.pageSize, offset: call.pageOffset() ?? 0)
        return BatchPage.list(batches, state: state, now: call.time, origin: call.origin)
    }

    private func page(_ call: Call) async throws -> Web.Page {
        BatchPage.page(of: try await store.batch(call.path("batch_id")), now: call.time, origin: call.origin)
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(try await store.batch(call.path("batch_id")))
    }

    private func cancel(_ call: Call) async throws -> Reply {
        .json(try await store.cancel(call.path("batch_id"), by: call.principal.name))
    }
}
