import Wire

/// The stretch of time that a page is about: the newest windows, the last hour and the like, or from one moment to another. The
/// address says which: `range=day`, or `from` and `to`.
struct TimeRange: Sendable, Hashable {
    enum Last: String, Sendable, Hashable, CaseIterable {
        case hour, day, week, month

        var seconds: Int64 {
            switch self {
            case .hour: 3_600
            case .day: 86_400
            case .week: 7 * 86_400
            case .month: 30 * 86_400
            }
        }
    }

    enum Choice: Sendable, Hashable {
        /// The newest there are, whenever that was.
        case newest
        case last(Last)
        case between
    }

    let choice: Choice
    /// Nil for the newest.
    let moments: ClosedRange<Timestamp>?

    static let newest = TimeRange(choice: .newest, moments: nil)

    private init(choice: Choice, moments: ClosedRange<Timestamp>?) {
        self.choice = choice
        self.moments = moments
    }

    /// - Throws: `FieldProblem` for a word that is none, and for moments the wrong way round.
    init(_ fields: Fields, now: Timestamp) throws {
        let (from, to) = (try Self.moment("from", fields), try Self.moment("to", fields))
        if from != nil || to != nil {
            let end = to ?? now
            let start = from ?? end + .seconds(-Last.day.seconds)
            guard start < end else { throw FieldProblem("Parameter 'from' must lie before 'to'.") }
            self.init(choice: .between, moments: start...end)
            return
        }
        guard let word = try fields.optionalString("range"), !word.isEmpty else {
            self = .newest
            return
        }
        guard let last = Last(rawValue: word) else {
            let words = Last.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem("Parameter 'range' must be one of \(words), not '\(word.prefix(40))'.")
        }
        self.init(choice: .last(last), moments: now + .seconds(-last.seconds)...now)
    }

    /// Also as a browser's field for a moment writes it, without seconds and zone: in UTC.
    private static func moment(_ name: String, _ fields: Fields) throws -> Timestamp? {
        guard let text = try fields.optionalString(name), !text.isEmpty else { return nil }
        let isLocal = text.utf8.count == 16 && text.contains("T")
        return try Fields([name: .string(isLocal ? text + ":00Z" : text)]).moment(name)
    }

    /// Whether it is so short that it can be drawn again and again.
    var isShort: Bool {
        moments.map { $0.upperBound.milliseconds - $0.lowerBound.milliseconds <= 86_400_000 } ?? true
    }

    /// What an address says of it; empty for the newest.
    var query: String {
        switch choice {
        case .newest: ""
        case .last(let last): "range=\(last.rawValue)"
        case .between: moments.map { "from=\($0.lowerBound.iso8601)&to=\($0.upperBound.iso8601)" } ?? ""
        }
    }
}
