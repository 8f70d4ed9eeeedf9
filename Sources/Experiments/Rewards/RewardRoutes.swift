package import Web
package import Wire

/// Telling what units did, and asking what follows from it.
package struct RewardRoutes: Sendable {
    private let desk: RewardDesk
    private let board: ExperimentBoard
    private let clock: WallClock
    private static let maximumRewards = 10_000

    package init(desk: RewardDesk, board: ExperimentBoard, clock: WallClock) {
        self.desk = desk
        self.board = board
        self.clock = clock
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/endpoints/{name}/experiment", .read("experiments"), get)
        routes.post("/api/v1/endpoints/{name}/rewards", .write("rewards"), reward)
        routes.post("/api/v1/endpoints/{name}/covariates", .write("rewards"), addCovariates)
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(try await board.summary(of: try call.path("name")))
    }

    /// All rewards of the request or none.
    private func reward(_ call: Call) async throws -> Reply {
        let now = clock.now
        let sent = try await Self.list("rewards", of: call).enumerated().map { index, fields in
            SentReward(
                try Self.subject(fields, index), metric: try fields.optionalString("metric"),
                value: try Self.finite(fields, "rewards[\(index)]"),
                time: try fields.optionalInteger("time").map(Timestamp.init(milliseconds:)) ?? now,
                id: try fields.optionalString("id"))
        }
        return .json(try await desk.take(sent, for: try call.path("name")))
    }

    private func addCovariates(_ call: Call) async throws -> Reply {
        let sent = try await Self.list("covariates", of: call).enumerated().map { index, fields in
            Covariate(unit: try fields.string("unit"), value: try Self.finite(fields, "covariates[\(index)]"))
        }
        try await desk.take(sent, for: try call.path("name"))
        return .json(["accepted": .integer(Int64(sent.count))])
    }

    private static func list(_ name: String, of call: Call) async throws -> [Fields] {
        let fields = try await call.fields()
        guard try fields.value(name) != nil else { throw FieldProblem.missing(name) }
        let sent = try fields.objects(name)
        guard sent.count <= maximumRewards else {
            throw FieldProblem("A request takes at most \(maximumRewards) \(name); this one has \(sent.count).")
        }
        return sent
    }

    private static func subject(_ fields: Fields, _ index: Int) throws -> SentReward.Subject {
        let prediction = try fields.optionalString("prediction_id")
        let unit = try fields.optionalString("unit")
        switch (prediction, unit) {
        case (let id?, nil): return .prediction(id)
        case (nil, let unit?) where !unit.isEmpty: return .unit(unit)
        default:
            throw FieldProblem(
                "rewards[\(index)] needs either 'prediction_id' or 'unit'.",
                hint: "Write {\"prediction_id\": \"p-…\", \"value\": 1} or {\"unit\": \"customer-7\", \"value\": 1}.")
        }
    }

    private static func finite(_ fields: Fields, _ place: String) throws -> Double {
        let value = try fields.double("value")
        guard value.isFinite else {
            throw FieldProblem.invalid("\(place).value", .double(value), expected: "finite number")
        }
        return value
    }
}
