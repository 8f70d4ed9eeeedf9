package import Manifests
package import Web
package import Wire

/// Incidents: what there is, what happened around them, what people do about them.
package struct IncidentRoutes: Sendable {
    private let incidents: IncidentStore
    private let timeLine: TimeLineReader
    private let manifests: ManifestStore

    /// - Parameter manifests: say which endpoints there are.
    package init(incidents: IncidentStore, timeLine: TimeLineReader, manifests: ManifestStore) {
        self.incidents = incidents
        self.manifests = manifests
        self.timeLine = timeLine
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/incidents", .read("incidents"), list)
        routes.get("/api/v1/incidents/report", .read("incidents"), report)
        routes.get("/api/v1/incidents/{id}", .read("incidents"), show)
        for action in IncidentAction.allCases {
            routes.post("/api/v1/incidents/{id}/\(action.rawValue)", .write("incidents")) { call in
                .json(try await act(action, try await call.fields(), call))
            }
            routes.post("/incidents/{id}/\(action.rawValue)", .write("incidents")) { call in
                .seeOther("/incidents/\(try await act(action, try await call.form(), call).id)")
            }
        }
        routes.page("/incidents", .read("incidents"), listPage)
        routes.page("/incidents/report", .read("incidents"), reportPage)
        routes.page("/incidents/{id}", .read("incidents"), page)
    }

    /// `state` (open or resolved), `endpoint`, `limit` (1–1000, default 100); newest first.
    private func list(_ call: Call) async throws -> Reply {
        let limit = try call.integerQuery("limit") ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let isOpen: Bool? =
            switch call.query("state") {
            case nil: nil
            case "open": true
            case "resolved": false
            case let other?: throw FieldProblem.invalid("state", .string(other), expected: "open or resolved")
            }
        let found = try await incidents.incidents(isOpen: isOpen, endpoint: call.query("endpoint"), limit: limit)
        return .json(["incidents": .array(found.map(\.json))])
    }

    private func show(_ call: Call) async throws -> Reply {
        let view = try await view(call)
        let more: [(String, JSON)] = [
            ("changed_before", .array(view.suspects.map(\.json))), ("time_line", .array(view.entries.map(\.json))),
            ("alerts", .array(view.alerts.map { $0.json(trigger: nil, isServed: view.isServed) })),
            ("channels", .array(view.tellings.map(\.json))),
        ]
        return .json(.members((view.incident.json.memberList ?? []) + more))
    }

    private func view(_ call: Call) async throws -> IncidentView {
        let incident = try await incidents.incident(try call.path("id"))
        let alerts = try await incidents.alerts(of: incident.id)
        let entries = try await timeLine.entries(of: incident, alerts)
        return IncidentView(
            incident: incident, alerts: alerts, entries: entries,
            suspects: TimeLineReader.suspects(in: entries, of: incident),
            tellings: try await incidents.tellings(of: incident.id),
            isServed: try await manifests.isServed(incident.endpoint))
    }

    private func act(_ action: IncidentAction, _ fields: Fields, _ call: Call) async throws -> Incident {
        let id = try call.path("id")
        let actor = call.principal.name
        switch action {
        case .acknowledge: return try await incidents.acknowledge(id, by: actor)
        case .assign: return try await incidents.assign(id, to: fields.string("owner"), by: actor)
        case .comment: return try await incidents.comment(id, fields.string("words"), by: actor)
        case .resolve:
            let cause = try Cause(named: fields.optionalString("cause"))
            return try await incidents.resolve(id, cause: cause, words: fields.optionalString("words"), by: actor)
        case .reopen: return try await incidents.reopen(id, by: actor)
        }
    }

    // MARK: The report

    private func report(_ call: Call) async throws -> Reply { .json(try await period(call)) }

    /// The longest time that is reported on.
    private static let maximumDays = 3660

    /// `days` (1–3660, default 30) up to now, or `from` and `to`, which are no further apart.
    private func period(_ call: Call) async throws -> NoiseReport {
        let days = try call.integerQuery("days") ?? 30
        guard (1...Self.maximumDays).contains(days) else {
            throw FieldProblem("Parameter 'days' must be between 1 and \(Self.maximumDays).")
        }
        let fields = try call.queryFields()
        let to = try fields.moment("to") ?? call.time + .seconds(1)
        let from = try fields.moment("from") ?? to + .seconds(-86_400 * days)
        guard from < to else { throw FieldProblem("Parameter 'from' must lie before 'to'.") }
        guard to <= from + .seconds(86_400 * Self.maximumDays) else {
            throw FieldProblem("From 'from' to 'to' there may be \(Self.maximumDays) days.")
        }
        return try await incidents.report(from: from, to: to)
    }

    // MARK: Pages

    private func listPage(_ call: Call) async throws -> Web.Page {
        IncidentListPage.page(
            try await incidents.incidents(limit: 200), served: try await manifests.servedEndpoints(), now: call.time,
            origin: call.origin)
    }

    private func page(_ call: Call) async throws -> Web.Page {
        IncidentPage(view: try await view(call), now: call.time).page
    }

    private func reportPage(_ call: Call) async throws -> Web.Page { ReportPage(report: try await period(call)).page }
}

/// What people may do about an incident; the words of routes and verbs.
enum IncidentAction: String, CaseIterable {
    case acknowledge, assign, comment, resolve, reopen
}

/// An incident with everything around it.
struct IncidentView: Sendable {
    let incident: Incident
    let alerts: [Alert]
    /// Oldest first.
    let entries: [TimeLineEntry]
    let suspects: [Suspect]
    let tellings: [Telling]
    /// Whether this server has the endpoint.
    let isServed: Bool
}
