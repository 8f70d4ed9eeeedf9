package import Wire

/// Which predictions something is about that became known later: a label, a judgement, a business event.
package enum PredictionSubject: Sendable, Hashable {
    /// One that is named by its id here.
    case id(PredictionID)
    /// The latest that others call so; of any endpoint when that is nil.
    case external(String, endpoint: String?)
    /// The latest about a unit, made at or before a moment; all rows of its request.
    case latest(Unit)
    /// All about a unit, made at or before a moment and no longer before it than `withinMinutes`.
    case all(Unit)

    /// Who or what predictions were about, and when.
    package struct Unit: Sendable, Hashable {
        package let name: String
        /// Any when nil.
        package let endpoint: String?
        package let moment: Timestamp
        /// How long before the moment a prediction may have been made; nil for any time.
        package let withinMinutes: Int?

        /// The earliest moment of a prediction.
        var start: Timestamp {
            withinMinutes.map { Timestamp(milliseconds: max(0, moment.milliseconds - Int64($0) * 60_000)) }
                ?? Timestamp(milliseconds: 0)
        }
    }

    /// Reads `prediction_id`, ours or theirs, or `unit` with `at` (the moment it is about), `within_minutes` and `which`
    /// (`latest`, as when it is left out, or `all`); for a name of theirs and a unit also `endpoint`.
    /// - Parameters:
    ///   - place: names the object in messages, such as `labels[3]`.
    ///   - endpoint: whose predictions are meant when the fields do not say.
    ///   - time: what `at` is when it is left out.
    /// - Throws: `FieldProblem`.
    package init(_ fields: Fields, at place: String, endpoint: String? = nil, time: Timestamp) throws {
        let endpoint = try fields.optionalString("endpoint") ?? endpoint
        let unit = try fields.optionalString("unit")
        guard unit != nil else {
            let text = try fields.string("prediction_id")
            self = PredictionID(text).map(Self.id) ?? .external(text, endpoint: endpoint)
            return
        }
        guard let name = unit, !name.isEmpty, try fields.value("prediction_id") == nil else {
            throw FieldProblem("\(place) needs either 'prediction_id' or 'unit'.")
        }
        let minutes = try fields.optionalInteger("within_minutes")
        guard minutes.map({ Self.windows.contains($0) }) ?? true else {
            throw FieldProblem("Field '\(place).within_minutes' is between 1 and \(Self.windows.upperBound).")
        }
        let about = Unit(
            name: name, endpoint: endpoint, moment: try fields.moment("at", at: place) ?? time,
            withinMinutes: minutes.map { Int($0) })
        switch try fields.optionalString("which") ?? "latest" {
        case "latest": self = .latest(about)
        case "all" where minutes != nil: self = .all(about)
        case "all": throw FieldProblem("\(place) is about all predictions of a unit and needs 'within_minutes'.")
        case let other:
            throw FieldProblem.invalid("\(place).which", .string(other), expected: "'latest' or 'all'")
        }
    }

    /// Ten years.
    private static let windows: ClosedRange<Int64> = 1...5_256_000

    /// That no prediction is meant by it, for messages.
    var absence: String {
        switch self {
        case .id, .external: "no prediction has the id \(words)"
        case .latest, .all: "there is no prediction about \(words)"
        }
    }

    /// For messages.
    var words: String {
        switch self {
        case .id(let id): "'\(id.text)'"
        case .external(let name, _): "'\(name.prefix(100))'"
        case .latest(let unit), .all(let unit): "unit '\(unit.name.prefix(100))' until \(unit.moment.iso8601)"
        }
    }
}

extension Fields {
    /// When something happened or became known: as `moment(_:at:)`, and not in the future.
    func pastMoment(_ name: String, at place: String, now: Timestamp) throws -> Timestamp? {
        guard let moment = try moment(name, at: place) else { return nil }
        guard moment <= now + PredictionImport.clockSkew else {
            throw FieldProblem("Field '\(place).\(name)' lies in the future; here it is \(now.iso8601).")
        }
        return moment
    }

    /// A moment in milliseconds since 1970 or of RFC 3339, which is not before 1970.
    /// - Throws: `FieldProblem`.
    func moment(_ name: String, at place: String) throws -> Timestamp? {
        guard let value = try value(name) else { return nil }
        let number = value.stringValue.flatMap { Int64($0) }.map(JSON.integer)
        return try SentPrediction.moment(number ?? value).mapError {
            FieldProblem("Field '\(place).\(name)' \($0.reason).")
        }
        .get()
    }
}
