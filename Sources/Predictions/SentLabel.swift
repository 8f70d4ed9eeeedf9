package import Wire

/// What turned out to be true, as its sender tells it: of a prediction that may not be there.
package struct SentLabel: Sendable {
    package let subject: PredictionSubject
    /// As the sender says; nil when that was not said.
    package let endpoint: String?
    package let value: JSON
    /// When it became known.
    package let time: Timestamp

    package init(about subject: PredictionSubject, endpoint: String? = nil, value: JSON, time: Timestamp) {
        self.subject = subject
        self.endpoint = endpoint
        self.value = value
        self.time = time
    }
}

/// What became of labels that were sent together.
package struct LabelReceipt: Sendable, Hashable, JSONRepresentable {
    /// Predictions that have a label now; a label of a unit may be that of several.
    package let accepted: Int
    /// How many labels are about no prediction.
    package let unmatchedCount: Int
    /// The first of them, as places in the request from 0 on, with what they say that they are about.
    package let unmatched: [Unmatched]

    package struct Unmatched: Sendable, Hashable {
        package let place: Int
        package let words: String
    }

    /// So many are listed.
    static let maximumListed = 100

    init(accepted: Int, unmatched: [(place: Int, subject: PredictionSubject)]) {
        self.accepted = accepted
        unmatchedCount = unmatched.count
        self.unmatched = unmatched.prefix(Self.maximumListed).map {
            Unmatched(place: $0.place, words: $0.subject.absence)
        }
    }

    package var json: JSON {
        [
            "accepted": .integer(Int64(accepted)), "unmatched": .integer(Int64(unmatchedCount)),
            "unmatched_labels": .array(
                unmatched.map { ["label": .integer(Int64($0.place)), "reason": .string($0.words)] }),
        ]
    }
}

/// How many of the labels that came for an endpoint in some minutes were about predictions that there are.
package struct LabelArrivals: Sendable, Hashable {
    package var joined: Int
    package var unmatched: Int

    package var count: Int { joined + unmatched }

    package init(joined: Int = 0, unmatched: Int = 0) {
        self.joined = joined
        self.unmatched = unmatched
    }

    static func += (sum: inout LabelArrivals, more: LabelArrivals) {
        sum.joined += more.joined
        sum.unmatched += more.unmatched
    }
}
