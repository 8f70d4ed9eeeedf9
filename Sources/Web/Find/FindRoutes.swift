import Wire

/// Whatever has a name, found by the beginning of it: for the palette, for programs, and as a page for whoever has no scripts.
package struct FindRoutes: Sendable {
    private let finders: Finders

    package init(finders: Finders) {
        self.finders = finders
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/find", .read("places")) { call in
            let limit = try call.integerQuery("limit") ?? Self.standardLimit
            guard Finders.limits.contains(limit) else {
                throw FieldProblem.invalid("limit", .integer(Int64(limit)), expected: "number from 1 to 50")
            }
            let places = try await finders.places(NameQuery(call.query("q") ?? ""), limit: limit)
            return .json(["places": .array(places.map(\.json))])
        }
        routes.page("/find", .read("places"), show)
    }

    private static let standardLimit = 20

    private func show(_ call: Call) async throws -> Page {
        let text = call.query("q") ?? ""
        let query = NameQuery(text)
        let places = try await finders.places(query, limit: Finders.limits.upperBound)
        return Page(
            title: "Find", trail: [Link("Find", "/find")],
            body: """
                <form action="/find" method="get" role="search">
                <input type="search" name="q" value="\(text)" aria-label="Name" placeholder="a name, or its beginning">
                <button type="submit">Find</button>
                </form>
                \(Self.table(places, query))
                """)
    }

    private static func table(_ places: [Place], _ query: NameQuery) -> HTML {
        guard !query.isEmpty else {
            return .empty(
                "Experiments, runs, models, endpoints, monitors and incidents are found by how their names begin.")
        }
        guard !places.isEmpty else {
            return .empty("Nothing is called so. Names are found by their beginning, or that of a word in them.")
        }
        let rows = places.map { place -> [HTML] in
            [.link(place.name, to: place.path), .name(place.kind), .name(place.note ?? "")]
        }
        return .table(["name", "kind", "of"], named: "What was found", rows: rows)
    }
}
