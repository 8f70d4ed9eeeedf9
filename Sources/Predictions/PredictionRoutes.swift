package import Web
package import Wire

/// Reading predictions back, and telling what turned out to be true of them.
package struct PredictionRoutes: Sendable {
    private let log: PredictionLog
    private let clock: WallClock
    private static let maximumLabels = 10_000
    private static let pageBytes = 16 << 20

    package init(log: PredictionLog, clock: WallClock) {
        self.log = log
        self.clock = clock
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/predictions", .read("predictions"), list)
        routes.get("/api/v1/predictions/usage", .read("predictions"), usage)
        routes.get("/api/v1/predictions/{id}", .read("predictions"), get)
        routes.post("/api/v1/labels", .write("labels"), label)
        routes.post("/api/v1/feedback", .write("feedback"), addFeedback)
        routes.post("/api/v1/endpoints/{name}/feedback", .write("feedback"), feedback)
        routes.get("/api/v1/endpoints/{name}/printed", .read("predictions"), printed)
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(try await log.prediction(try Self.id(try call.path("id"))))
    }

    /// `request_id`, `limit` (1–1000, default 20); newest first.
    private func printed(_ call: Call) throws -> Reply {
        let fields = try call.queryFields()
        let limit = Int(try fields.optionalInteger("limit") ?? 20)
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let outputs = log.printed.outputs(
            of: try call.path("name"), request: try fields.optionalString("request_id"), limit: limit)
        return .json(["printed": .array(outputs.map(\.json))])
    }

    private func usage(_ call: Call) async throws -> Reply {
        .json(try await log.usage())
    }

    /// `endpoint`, `from`, `to` (as in `PredictionQuery(_:)`), `labelled`, `limit` (1–1000, default 100), `page_token`; oldest first.
    /// A page of large predictions has fewer.
    private func list(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        let limit = Int(try fields.optionalInteger("limit") ?? 100)
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        var query = try PredictionQuery(fields)
        query.after = try fields.optionalString("page_token").map(Self.lastRead)
        query.limit = limit
        query.maximumBytes = Self.pageBytes
        let predictions = try await log.predictions(query)
        let next = query.rest(after: predictions).isSatisfied ? predictions.last?.id.text : nil
        return .json(
            .compact([
                "predictions": .array(predictions.map(\.json)), "next_page_token": next.map(JSON.string),
            ]))
    }

    /// Labels about no prediction are named in the answer, and refused when there are no others. One that is malformed keeps
    /// all from being stored.
    private func label(_ call: Call) async throws -> Reply {
        let now = clock.now
        let sent = try await Self.list("labels", of: call).map { fields, place in
            guard let value = try fields.value("value") else { throw FieldProblem.missing("\(place).value") }
            let time = try fields.pastMoment("time", at: place, now: now) ?? now
            return SentLabel(
                about: try PredictionSubject(fields, at: place, time: time),
                endpoint: try fields.optionalString("endpoint"), value: value, time: time)
        }
        return .json(try await log.join(sent))
    }

    /// One piece of feedback.
    private func feedback(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let endpoint = try call.path("name")
        let (subject, feedback) = try read(fields, at: "body", of: call, endpoint: endpoint)
        let found = try await log.predictions(about: [subject]).flatMap(\.self).map(feedback)
        for feedback in found { try await log.add(feedback, endpoint: endpoint) }
        guard let first = found.first else { return .empty }
        return .json(first)
    }

    /// Ratings, judgements and business events of any endpoints: those about predictions that there are not keep all from
    /// being stored.
    private func addFeedback(_ call: Call) async throws -> Reply {
        let sent = try await Self.list("feedback", of: call).map { try read($0, at: $1, of: call) }
        let ids = try await log.predictions(about: sent.map(\.subject))
        let feedback = zip(sent, ids).flatMap { sent, ids in ids.map(sent.feedback) }
        try await log.add(feedback)
        return .json(["accepted": .integer(Int64(feedback.count))])
    }

    private func read(
        _ fields: Fields, at place: String, of call: Call, endpoint: String? = nil
    ) throws -> (subject: PredictionSubject, feedback: @Sendable (PredictionID) -> PredictionFeedback) {
        guard let value = try fields.value("value"), value != .null else { throw FieldProblem.missing("value") }
        let (name, comment) = (try fields.optionalString("name"), try fields.optionalString("comment"))
        let limits = [
            ("name", name, PredictionFeedback.maximumNameCharacters),
            ("comment", comment, PredictionFeedback.maximumCommentCharacters),
        ]
        for (field, text, limit) in limits where text?.count ?? 0 > limit {
            throw FieldProblem("Field '\(field)' takes at most \(limit) characters.")
        }
        let (caller, now) = (call.principal.name, clock.now)
        let time = try fields.pastMoment("time", at: place, now: now) ?? now
        let subject = try PredictionSubject(fields, at: place, endpoint: endpoint, time: time)
        return (
            subject,
            { PredictionFeedback(id: $0, name: name, value: value, comment: comment, caller: caller, time: time) }
        )
    }

    /// The objects of a list that a body holds, each with how messages name it.
    private static func list(_ name: String, of call: Call) async throws -> [(Fields, place: String)] {
        let fields = try await call.fields()
        guard try fields.value(name) != nil else { throw FieldProblem.missing(name) }
        let sent = try fields.objects(name)
        guard sent.count <= maximumLabels else {
            throw FieldProblem("A request takes at most \(maximumLabels) \(name); this one has \(sent.count).")
        }
        return sent.enumerated().map { ($1, "\(name)[\($0)]") }
    }

    /// A page token is the last id of the page before.
    private static func lastRead(_ token: String) throws -> PredictionID {
        guard let id = PredictionID(token) else {
            throw FieldProblem.invalid(
                "page_token", .string(token), expected: "the next_page_token of an earlier answer")
        }
        return id
    }

    static func id(_ text: String) throws -> PredictionID {
        guard let id = PredictionID(text) else {
            throw PredictionError(
                .doesNotExist, "'\(text.prefix(100))' is not the id of a prediction.",
                hint: "Ids look like p-019a… and are in the header X-Martlet-Prediction-Id of an answer.")
        }
        return id
    }
}
