package import Wire

/// What became of one record that was brought in from another tracking server.
package struct ImportOutcome: Sendable, Hashable {
    package enum Effect: String, Sendable, Hashable {
        case created
        /// It was there, and is the same; what it lacked was added.
        case present
        /// It was there and says something else, which was left as it is.
        case different
    }

    /// As the record names it.
    package let id: String
    package var effect: Effect
    /// What is different.
    package var reason: String?
    /// What it is known by here, where that may be another id.
    package var localID: String?
    /// Where its files belong here.
    package var artifactURI: String?
    /// How many points of a record of points are new.
    package var added: Int?

    package init(
        id: String, effect: Effect, reason: String? = nil, localID: String? = nil, artifactURI: String? = nil,
        added: Int? = nil
    ) {
        self.id = id
        self.effect = effect
        self.reason = reason
        self.localID = localID
        self.artifactURI = artifactURI
        self.added = added
    }

    /// The outcome for a thing that was there already.
    /// - Parameter differences: each as `what is 'here' here and 'there' there`; none when it is the same.
    package init(id: String, differences: [String], artifactURI: String? = nil) {
        let isSame = differences.isEmpty
        self.init(
            id: id, effect: isSame ? .present : .different, reason: isSame ? nil : differences.joined(separator: "; "),
            artifactURI: artifactURI)
    }

    /// A difference in words; nil when there is none.
    package static func difference(_ what: String, here: String, there: String) -> String? {
        here == there ? nil : "\(what) is '\(here.cut(to: 80))' here and '\(there.cut(to: 80))' there"
    }
}

extension ImportOutcome: JSONRepresentable {
    package var json: JSON {
        .compact([
            "id": .string(id), "effect": .string(effect.rawValue), "reason": reason.map(JSON.string),
            "local_id": localID.map(JSON.string), "artifact_uri": artifactURI.map(JSON.string),
            "added": added.map { .integer(Int64($0)) },
        ])
    }
}

/// A run as another server has it, without its points.
package struct ImportedRun: Sendable, Hashable {
    package let run: Run
    package let deletedAt: Timestamp?
}

/// Points of one metric of a run.
package struct ImportedPoints: Sendable, Hashable {
    package let runID: String
    package let key: String
    package let points: [Metric]

    /// The most points of one record.
    package static let limit = 10_000
}
