import Database
import Events
import Wire

// Changes of many runs at once: all of them, or none.

extension RunStore {
    /// How many runs one request may change.
    package static let mostAtOnce = 1000

    /// Puts runs in the bin; those that are there stay there.
    /// - Returns: how many were moved.
    /// - Throws: `TrackingError` for an unknown run; then none is moved.
    package func delete(_ ids: [String], by actor: String) async throws -> Int {
        try await database.write { transaction in
            try ids.filter { try move($0, to: .deleted, as: "run.deleted", by: actor, in: transaction) }.count
        }
    }

    /// Takes runs out of the bin; those that are not there stay as they are.
    /// - Returns: how many were moved.
    /// - Throws: `TrackingError` for an unknown run; then none is moved.
    package func restore(_ ids: [String], by actor: String) async throws -> Int {
        try await database.write { transaction in
            try ids.filter { try move($0, to: .active, as: "run.restored", by: actor, in: transaction) }.count
        }
    }

    /// Sets tags of runs, new or not.
    /// - Throws: `TrackingError` for a run that is unknown or deleted; then none has the tags.
    package func tag(_ ids: [String], _ tags: [Tag], by actor: String) async throws {
        let batch = try RunBatch(tags: tags)
        try await database.write { transaction in
            for id in ids { try log(batch, to: id, by: actor, in: transaction) }
        }
    }
}
