package import Wire

/// What somebody thinks of a prediction: a rating, a judgement, a remark. Unlike a label it is not the truth, and there may
/// be several.
package struct PredictionFeedback: Sendable, Hashable {
    package let id: PredictionID
    /// A number of stars, a thumb, a word.
    package let value: JSON
    package let comment: String?
    /// The principal's name.
    package let caller: String
    package let time: Timestamp

    /// How much feedback a prediction takes.
    package static let maximumCount = 100
    package static let maximumCommentCharacters = 10_000

    package init(id: PredictionID, value: JSON, comment: String? = nil, caller: String, time: Timestamp) {
        self.id = id
        self.value = value
        self.comment = comment
        self.caller = caller
        self.time = time
    }
}

extension PredictionFeedback: JSONRepresentable {
    package var json: JSON {
        .compact([
            "value": value, "comment": comment.map(JSON.string), "caller": .string(caller), "time": time.json,
        ])
    }
}
