package import Web
package import Wire

/// Reading predictions back, and telling what turned out to be true of them.
package struct PredictionRoutes: Sendable {
    private let log: PredictionLog
    private let clock: WallClock
    private static let maximumLabels = 10_000

    package init(log: PredictionLog, clock: WallClock) {
        self.log = log
        self.clock = clock
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/predictions", .read("predictions"), list)
        routes.get("/api/v1/predictions/usage", .read("predictions"), usage)
        routes.get("/api/v1/predictions/{id}", .read("predictions"), get)
        routes.post("/api/v1/labels", .write("labels"), label)
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
    private func list(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        let limit = Int(try fields.optionalInteger("limit") ?? 100)
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        var query = try PredictionQuery(fields)
        query.after = try fields.optionalString("page_token").map(Self.lastRead)
        query.limit = limit
        let predictions = try await log.predictions(query)
        let next = predictions.count == limit ? predictions.last?.id.text : nil
        return .json(
            .compact([
                "predictions": .array(predictions.map(\.json)), "next_page_token": next.map(JSON.string),
            ]))
    }

    /// All labels of the request or none.
    private func label(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        guard try fields.value("labels") != nil else { throw FieldProblem.missing("labels") }
        let sent = try fields.objects("labels")
        guard sent.count <= Self.maximumLabels else {
            throw FieldProblem("A request takes at most \(Self.maximumLabels) labels; this one has \(sent.count).")
        }
        let now = clock.now
        let labels = try sent.enumerated().map { index, fields in
            guard let value = try fields.value("value") else { throw FieldProblem.missing("labels[\(index)].value") }
            return PredictionLabel(
                id: try Self.id(try fields.string("prediction_id")), value: value,
                time: try fields.optionalInteger("time").map(Timestamp.init(milliseconds:)) ?? now)
        }
        try await log.label(labels)
        return .json(["accepted": .integer(Int64(labels.count))])
    }

    /// One piece of feedback.
    private func feedback(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        guard let value = try fields.value("value"), value != .null else { throw FieldProblem.missing("value") }
        let comment = try fields.optionalString("comment")
        guard comment?.count ?? 0 <= PredictionFeedback.maximumCommentCharacters else {
            throw FieldProblem(
                "Field 'comment' takes at most \(PredictionFeedback.maximumCommentCharacters) characters.")
        }
        let feedback = PredictionFeedback(
            id: try Self.id(try fields.string("prediction_id")), value: value, comment: comment,
            caller: call.principal.name, time: clock.now)
        try await log.add(feedback, endpoint: try call.path("name"))
        return .json(feedback)
    }

    /// A page token is the last id of the page before.
    private static func lastRead(_ token: String) throws -> PredictionID {
        guard let id = PredictionID(token) else {
            throw FieldProblem.invalid(
                "page_token", .string(token), expected: "the next_page_token of an earlier answer")
        }
        return id
    }

    private static func id(_ text: String) throws -> PredictionID {
        guard let id = PredictionID(text) else {
            throw PredictionError(
                .doesNotExist, "'\(text.prefix(100))' is not the id of a prediction.",
                hint: "Ids look like p-019a… and are in the header X-Martlet-Prediction-Id of an answer.")
        }
        return id
    }
}
