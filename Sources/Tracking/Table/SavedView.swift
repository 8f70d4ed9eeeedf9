package import Wire

/// A view of an experiment's runs under a name: a document that can be taken out of one experiment and put into another.
package struct SavedView: Sendable, Hashable {
    package let id: Int64
    package let experiment: ExperimentID
    package let draft: Draft
    package let owner: String
    /// Counts its changes: who changes it says which version he saw.
    package let version: Int64
    package let lastUpdateTime: Timestamp

    /// What people say of it.
    package struct Draft: Sendable, Hashable {
        package let name: String
        package let view: RunView
        /// Whether everybody sees it and may change it; else its owner alone.
        package let isShared: Bool
        /// Whether the experiment opens with it: a personal one for its owner, a shared one for all others.
        package let isDefault: Bool

        package static let maximumNameLength = 120
        /// Of the view as JSON. Each page of the table has all of them.
        package static let maximumBytes = 8 << 10

        /// - Throws: `FieldProblem` for a name that is empty or too long, and for a view that is too long; `FilterProblem` for one
        ///   that makes no sense.
        package init(name: String, view: RunView, isShared: Bool, isDefault: Bool, in experiment: ExperimentID) throws {
            guard !name.isEmpty else { throw FieldProblem.missing("name") }
            guard !name.isLonger(than: Self.maximumNameLength) else {
                throw FieldProblem("The name of a view has at most \(Self.maximumNameLength) characters.")
            }
            let bytes = view.json.text.utf8.count
            guard bytes <= Self.maximumBytes else {
                throw FieldProblem("A view has at most \(Self.maximumBytes) bytes as JSON, and this one \(bytes).")
            }
            _ = try view.wanted(in: experiment)
            self.init(stored: name, view, isShared: isShared, isDefault: isDefault)
        }

        /// One that was checked when it came.
        init(stored name: String, _ view: RunView, isShared: Bool, isDefault: Bool) {
            self.name = name
            self.view = view
            self.isShared = isShared
            self.isDefault = isDefault
        }
    }
}

extension [SavedView] {
    /// Of what somebody sees in an experiment, what it opens with for them: one's own view comes before that of all.
    var opening: SavedView? {
        filter(\.draft.isDefault).min { !$0.draft.isShared && $1.draft.isShared }
    }
}

extension SavedView: JSONRepresentable {
    package var json: JSON {
        [
            "view_id": .string("\(id)"), "experiment_id": .string(experiment.text), "name": .string(draft.name),
            "view": draft.view.json, "shared": .bool(draft.isShared), "default": .bool(draft.isDefault),
            "owner": .string(owner), "version": .integer(version), "last_update_time": lastUpdateTime.json,
        ]
    }
}
