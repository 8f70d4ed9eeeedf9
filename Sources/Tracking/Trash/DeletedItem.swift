package import Wire

/// What kinds of things go to the trash when they are deleted. The order is the one in which they are purged: what
/// refers to other things comes before them.
package enum DeletedKind: String, Sendable, Hashable, CaseIterable {
    /// A version of a registered model.
    case version
    /// A registered model with its versions.
    case model
    case loggedModel = "logged-model"
    case run
    /// An experiment with its runs.
    case experiment

    /// - Throws: `FieldProblem` for a word that is no kind.
    package init(named name: String) throws {
        guard let kind = Self(rawValue: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem("There is no kind '\(name.prefix(80))' in the trash.", hint: "Use one of \(known).")
        }
        self = kind
    }

    /// The place in the order of purging, from 0.
    package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Something in the trash: it can be restored as it was, or purged for good.
package struct DeletedItem: Sendable, Hashable {
    package let kind: DeletedKind
    /// What the trash knows it by. A registered model has the number of its row: several of one name may be here.
    package let id: String
    package let name: String
    package let deletedAt: Timestamp
    /// The experiment of a run or logged model.
    package let experimentID: ExperimentID?
    /// How many runs an experiment and how many versions a registered model takes along.
    package let contents: Int

    package init(
        kind: DeletedKind, id: String, name: String, deletedAt: Timestamp, experimentID: ExperimentID? = nil,
        contents: Int = 0
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.deletedAt = deletedAt
        self.experimentID = experimentID
        self.contents = contents
    }

    /// How messages name it.
    package var label: String { "\(kind.rawValue) \(id)" }
}

extension DeletedItem: JSONRepresentable {
    package var json: JSON {
        .compact([
            "kind": .string(kind.rawValue), "id": .string(id), "name": .string(name), "deleted_at": deletedAt.json,
            "experiment_id": experimentID.map { .string($0.text) },
            "contents": contents > 0 ? .integer(Int64(contents)) : nil,
        ])
    }
}
