package import Web
package import Wire

/// How versions came to answer, and what people decide about it.
package struct RolloutRoutes: Sendable {
    private let store: RolloutStore
    private let endpoints: Endpoints

    package init(store: RolloutStore, endpoints: Endpoints) {
        self.store = store
        self.endpoints = endpoints
    }

    package func routes(into routes: inout Routes) {
        forms(into: &routes)
        let endpoint = "/api/v1/endpoints/{name}"
        routes.get("\(endpoint)/rollouts", .read("endpoints"), list)
        routes.post("\(endpoint)/promote", .manage("endpoints")) { call in
            let (name, fields) = try await asked(call)
            return .json(
                try await store.promote(name, variant: try fields.optionalString("variant"), by: call.principal.name))
        }
        routes.post("\(endpoint)/rollback", .manage("endpoints")) { call in
            let (name, fields) = try await asked(call)
            let rollout = try await store.rollBack(
                name, variant: try fields.optionalString("variant"), by: call.principal.name,
                reason: try fields.optionalString("reason"))
            return .json(rollout)
        }
        routes.post("\(endpoint)/retry", .manage("endpoints")) { call in
            let (name, fields) = try await asked(call)
            return .json(
                try await store.retry(name, variant: try fields.optionalString("variant"), by: call.principal.name))
        }
    }

    /// What the buttons of the endpoint's page send; whoever pressed one is sent back there.
    private func forms(into routes: inout Routes) {
        func form(
            _ verb: String,
            _ act: @escaping @Sendable (_ name: String, _ fields: Fields, _ by: String) async throws -> Rollout
        ) {
            routes.post("/endpoints/{name}/\(verb)", .manage("endpoints")) { call in
                let name = try await endpoints.get(try call.path("name")).name
                _ = try await act(name, try await call.form(), call.principal.name)
                return .seeOther("/endpoints/\(name)")
            }
        }
        form("promote") { name, fields, actor in
            try await store.promote(
                name, variant: try fields.optionalString("variant"), expected: try Self.shown(fields), by: actor)
        }
        form("rollback") { name, fields, actor in
            try await store.rollBack(
                name, variant: try fields.optionalString("variant"), expected: try Self.shown(fields), by: actor,
                reason: try fields.optionalString("reason"))
        }
        form("retry") { name, fields, actor in
            try await store.retry(
                name, variant: try fields.optionalString("variant"), expected: try Self.shown(fields), by: actor)
        }
    }

    /// The rollout that the page showed to whoever pressed a button of it.
    private static func shown(_ fields: Fields) throws -> Int64? {
        try fields.optionalString("rollout").flatMap { Int64($0) }
    }

    private func list(_ call: Call) async throws -> Reply {
        let name = try await endpoints.get(try call.path("name")).name
        let fields = try call.queryFields()
        let limit = Int(try fields.optionalInteger("limit") ?? 50)
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let rollouts = try await store.history(
            of: name, variant: try fields.optionalString("variant"), limit: limit)
        return .json(["rollouts": .array(rollouts.map(\.json))])
    }

    private func asked(_ call: Call) async throws -> (name: String, Fields) {
        (try await endpoints.get(try call.path("name")).name, try await call.fields())
    }
}
