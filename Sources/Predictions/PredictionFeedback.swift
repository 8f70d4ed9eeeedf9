package import Wire

/// What followed on a prediction: a rating, a judgement, a remark, or a business event such as a sale with its amount.
/// Unlike a label it is not the truth, and there may be several.
package struct PredictionFeedback: Sendable, Hashable {
    package let id: PredictionID
    /// What it is, such as `rating` or `revenue`; nil when that was not said.
    package let name: String?
    /// A number of stars, a thumb, a word, an amount.
    package let value: JSON
    package let comment: String?
    /// The principal's name.
    package let caller: String
    package let time: Timestamp

    /// How much feedback a prediction takes.
    package static let maximumCount = 100
    package static let maximumCommentCharacters = 10_000
    package static let maximumNameCharacters = 100

    package init(
        id: PredictionID, name: String? = nil, value: JSON, comment: String? = nil, caller: String, time: Timestamp
    ) {
        self.id = id
        self.name = name
        self.value = value
        self.comment = comment
        self.caller = caller
        self.time = time
    }
}

extension PredictionFeedback: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": name.map(JSON.string), "value": value, "comment": comment.map(JSON.string),
            "caller": .string(caller), "time": time.json,
        ])
    }
}
