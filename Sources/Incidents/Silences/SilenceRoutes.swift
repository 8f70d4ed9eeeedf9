package import Manifests
package import Web
package import Wire

/// What nobody wants to hear of for a while.
package struct SilenceRoutes: Sendable {
    private let incidents: IncidentStore
    private let alerts: AlertStore
    private let manifests: ManifestStore

    /// - Parameter manifests: say which monitors there are.
    package init(alerts: AlertStore, manifests: ManifestStore) {
        self.alerts = alerts
        self.manifests = manifests
        incidents = alerts.incidents
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/silences", .read("alerts")) { _ in
            .json(["silences": .array(try await incidents.silences().map(\.json))])
        }
        routes.post("/api/v1/silences", .write("alerts")) { call in
            let fields = try await call.fields()
            return .json(try await silence(monitor: fields.string("monitor"), fields, call))
        }
        routes.delete("/api/v1/silences/{id}", .write("alerts")) { call in
            try await incidents.endSilence(try call.path("id"), by: call.principal.name)
            return .empty
        }
        routes.post("/api/v1/alerts/{id}/silence", .write("alerts")) { call in
            .json(try await silence(alert: try await call.fields(), call))
        }
        routes.post("/api/v1/incidents/{id}/silence", .write("incidents")) { call in
            let fields = try await call.fields()
            let silences = try await incidents.silence(
                incident: try call.path("id"), until: end(fields, call), words: fields.optionalString("words"),
                by: call.principal.name)
            return .json(["silences": .array(silences.map(\.json))])
        }
        pages(into: &routes)
        routes.post("/alerts/{id}/silence", .write("alerts")) { call in
            _ = try await silence(alert: try await call.form(), call)
            return .seeOther("/alerts/\(try call.path("id"))")
        }
    }

    /// The page of those in force, and what its forms send.
    private func pages(into routes: inout Routes) {
        routes.page("/silences", .read("alerts")) { call in
            SilencePage(
                silences: try await incidents.silences(), monitors: try await manifests.names(kind: "Monitor"),
                chosen: call.query("monitor"), now: call.time
            ).page
        }
        routes.post("/silences/add", .write("alerts")) { call in
            let form = try await call.form()
            let monitor = try form.string("monitor")
            // A misspelt name would silence nothing, and nobody would notice.
            _ = try await manifests.manifest(kind: "Monitor", name: monitor)
            _ = try await silence(monitor: monitor, form, call)
            return .seeOther("/silences")
        }
        routes.post("/silences/{id}/end", .write("alerts")) { call in
            try await incidents.endSilence(try call.path("id"), by: call.principal.name)
            return .seeOther("/silences")
        }
    }

    /// Silences what an alert is about: its family in its monitor, or only one `subject` of it.
    private func silence(alert fields: Fields, _ call: Call) async throws -> Silence {
        let alert = try await alerts.alert(id: try call.path("id"))
        return try await incidents.silence(
            monitor: alert.monitor, family: alert.topic.family, subject: fields.optionalString("subject"),
            until: end(fields, call), words: fields.optionalString("words"), by: call.principal.name)
    }

    private func silence(monitor: String, _ fields: Fields, _ call: Call) async throws -> Silence {
        let family = try fields.optionalString("family").map { name in
            guard let family = Finding.Family(rawValue: name) else {
                let known = Finding.Family.allCases.map(\.rawValue).joined(separator: ", ")
                throw FieldProblem("There is no family '\(name)'. Families: \(known).")
            }
            return family
        }
        return try await incidents.silence(
            monitor: monitor, family: family, subject: fields.optionalString("subject"), until: end(fields, call),
            words: fields.optionalString("words"), by: call.principal.name)
    }

    /// `ends` (milliseconds), or `minutes` from now.
    private func end(_ fields: Fields, _ call: Call) throws -> Timestamp {
        if let ends = try fields.optionalInteger("ends") { return Timestamp(milliseconds: ends) }
        let minutes = try fields.integer("minutes")
        guard (1...129_600).contains(minutes) else {
            throw FieldProblem("Parameter 'minutes' must be between 1 and 129600 (90 days).")
        }
        return call.time + .seconds(60 * minutes)
    }
}
