import Manifests
package import Wire

/// What the windows of a monitor are compared with.
package enum ReferenceChoice: Sendable, Hashable {
    /// The dataset that the run behind the model version logged with this context.
    case logged(context: String)
    /// What the endpoint was sent from one moment until before another.
    case production(from: Timestamp, to: Timestamp)
    /// A file of rows that was sent to this server, by its key among the artifacts (`martlet monitors reference --file`).
    case file(String)
    /// So many windows right before those that an alert looks at, taken together: a moving reference, which sees jumps and no
    /// slow change.
    case previous(windows: Int)
    /// The same hours one season ago.
    case season(Season)

    package enum Season: String, Sendable, Hashable, CaseIterable {
        case day, week

        package var length: Duration {
            switch self {
            case .day: .seconds(86_400)
            case .week: .seconds(7 * 86_400)
            }
        }
    }

    package static let standard = ReferenceChoice.logged(context: "training")

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        if case .scalar(.string(let context)) = node.value, !context.isEmpty {
            self = .logged(context: context)
            return
        }
        let fields = try ManifestFields(node, keys: ["context", "file", "from", "to", "previous", "season"])
        let context = try fields.optionalString("context")
        let file = try fields.optionalString("file")
        let from = try fields.optionalMoment("from")
        let to = try fields.optionalMoment("to")
        let previous = try fields.optionalInteger("previous", in: 1...1_000)
        let season = try fields.optionalWord("season", as: Season.self)
        let stretch = from.flatMap { from in to.map { ReferenceChoice.production(from: from, to: $0) } }
        let said = [
            context.map { .logged(context: $0) }, file.map { .file($0) }, stretch,
            previous.map { .previous(windows: $0) }, season.map { .season($0) },
        ].compactMap(\.self)
        guard let choice = said.first, said.count == 1, (from == nil) == (to == nil) else {
            throw ManifestError(
                at: fields.place,
                "say one of 'context', 'file', 'from' with 'to', 'previous' (windows), 'season' (day or week)")
        }
        if let from, let to {
            guard from < to else { throw ManifestError(at: fields.place, "'from' must lie before 'to'") }
            guard to <= from + WindowPolicy.daysKept else {
                throw ManifestError(
                    at: fields.place,
                    "from 'from' to 'to' there may be \(WindowPolicy.daysKept.components.seconds / 86_400) days")
            }
        }
        self = choice
    }

    /// Under which the references of a version are kept apart.
    package func key(endpoint: String) -> String {
        switch self {
        case .logged(let context): context
        case .production(let from, let to): "production:\(endpoint):\(from.milliseconds)-\(to.milliseconds)"
        case .file(let key): "file:\(key)"
        // These are made of windows, which are anchored in what the model was trained on.
        case .previous, .season: "training"
        }
    }

    /// Whether each window is compared with others.
    package var isMoving: Bool {
        switch self {
        case .previous, .season: true
        case .logged, .production, .file: false
        }
    }

    /// In words, such as `the dataset 'training'`.
    package var words: String {
        switch self {
        case .logged(let context): "the dataset '\(context)' of the version's run"
        case .production(let from, let to): "what was sent from \(from.iso8601) to \(to.iso8601)"
        case .file(let key): "the rows of \(key)"
        case .previous(1): "the window before"
        case .previous(let windows): "the \(windows) windows before"
        case .season(let season): "the same hours of the \(season.rawValue) before"
        }
    }
}

extension ReferenceChoice: JSONRepresentable {
    package var json: JSON {
        switch self {
        case .logged(let context): .string(context)
        case .production(let from, let to): ["from": .string(from.iso8601), "to": .string(to.iso8601)]
        case .file(let key): ["file": .string(key)]
        case .previous(let windows): ["previous": .integer(Int64(windows))]
        case .season(let season): ["season": .string(season.rawValue)]
        }
    }
}

extension ManifestFields {
    /// A moment of RFC 3339.
    func optionalMoment(_ key: String) throws -> Timestamp? {
        guard let text = try optionalString(key) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw ManifestError(
                at: try node(key).place, "expected a moment such as 2026-11-21T08:00:00Z, got '\(text)'")
        }
        return moment
    }
}
