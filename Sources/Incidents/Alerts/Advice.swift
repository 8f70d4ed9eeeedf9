package import Wire

/// What to do next about an alert: where to look, and what to type.
package struct Advice: Sendable, Hashable {
    /// What its page shows more of.
    enum Place: Sendable, Hashable {
        case endpoint, monitor, traffic, performance, cost
        case column(String)
    }

    /// One sentence.
    package let words: String
    /// The command that does it.
    package let command: String?
    let place: Place?

    init(_ words: String, command: String? = nil, at place: Place? = nil) {
        self.words = words
        self.command = command
        self.place = place
    }
}

extension Advice: JSONRepresentable {
    package var json: JSON {
        .compact(["words": .string(words), "command": command.map(JSON.string)])
    }
}

extension Alert {
    /// What usually helps against trouble of its family, the first to try in front.
    /// - Parameter isServed: whether this server has the endpoint: what is served elsewhere is not rolled back here.
    package func advice(isServed: Bool) -> [Advice] {
        let about = subjects.isEmpty ? nil : subjects.prefix(3).joined(separator: ", ")
        let column = subjects.first.map(Advice.Place.column) ?? .monitor
        let rollback = Advice(
            "When a new version came shortly before, take it back.",
            command: isServed ? "martlet endpoints rollback \(endpoint)" : nil, at: isServed ? .endpoint : nil)
        switch topic.family {
        case .drift:
            return [
                Advice(
                    "See how \(about ?? "what comes in") changed, and ask whoever delivers that.",
                    command: "martlet monitors drift \(monitor) --family drift", at: column),
                Advice(
                    "See whether the model has become worse by it.",
                    command: "martlet monitors performance \(monitor)", at: .performance),
                Advice(
                    "When the change is to stay, train on newer rows, or compare with them from now on.",
                    command: "martlet monitors reference \(monitor) --file rows.parquet"),
            ]
        case .quality:
            return [
                Advice(
                    "Ask whoever delivers \(about ?? "the rows") what changed.",
                    command: "martlet monitors drift \(monitor) --family quality", at: column), rollback,
            ]
        case .performance:
            return [
                Advice(
                    "See for which rows the model is worse.", command: "martlet monitors slices \(monitor)",
                    at: .performance), rollback,
            ]
        case .latency:
            return [
                Advice(
                    "See since when it is slow, and whether there were more calls.",
                    command: isServed ? "martlet endpoints get \(endpoint)" : nil, at: .traffic), rollback,
            ]
        case .calls:
            return [Advice("See which caller sends more or less than before.", at: .traffic)]
        case .cost:
            return [
                Advice("See what is taken, and by whom.", command: "martlet monitors cost \(monitor)", at: .cost),
                Advice(
                    "See how much the log of predictions holds, and for how long.", command: "martlet predictions usage"
                ),
            ]
        }
    }
}
