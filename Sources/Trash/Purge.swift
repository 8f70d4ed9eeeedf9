package import Tracking
package import Wire

/// What to purge.
package struct PurgeOrder: Sendable, Hashable {
    /// Nil for every kind.
    package var kind: DeletedKind?
    /// One thing of the kind; nil for all.
    package var id: String?
    /// Only what was deleted at or before this moment.
    package var deletedBy: Timestamp?
    /// Says what would go, and purges nothing.
    package var isDryRun = false
    /// Purges also what something else still uses.
    package var isForced = false
    /// How many of those that stay to pass over: where an earlier answer ended.
    package var offset = 0

    package init() {}
}

/// What a purge did: a portion of what was ordered.
package struct PurgeReport: Sendable, Hashable {
    /// Something that stays because something else uses it.
    package struct Refusal: Sendable, Hashable {
        package let item: DeletedItem
        /// What uses it, such as `version 3 of model 'churn'`.
        package let users: [String]

        package init(item: DeletedItem, users: [String]) {
            self.item = item
            self.users = users
        }
    }

    package var purged: [DeletedItem] = []
    package var refused: [Refusal] = []
    /// Files that this server does not keep and left where they are.
    package var foreignFiles: [String] = []
    /// Where the next portion begins; nil when everything was done.
    package var next: Int?

    package init() {}
}

extension PurgeReport: JSONRepresentable {
    package var json: JSON {
        .compact([
            "purged": .array(purged.map(\.json)), "refused": .array(refused.map(\.json)),
            "foreign_files": .strings(foreignFiles), "next": next.map { .integer(Int64($0)) },
        ])
    }
}

extension PurgeReport.Refusal: JSONRepresentable {
    package var json: JSON { ["item": item.json, "used_by": .strings(users)] }
}

/// Says what uses something in the trash beside what the stores know, such as an endpoint that serves it.
package struct TrashWitness: Sendable {
    package let users: @Sendable (DeletedItem) async throws -> [String]

    package init(_ users: @escaping @Sendable (DeletedItem) async throws -> [String]) {
        self.users = users
    }
}
