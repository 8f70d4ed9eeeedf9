import Wire

// What became known of predictions later.

extension PredictionLog {
    /// Joins labels to their predictions, also to those that are not in their endpoint's sample. A later label for the same
    /// prediction replaces the earlier one.
    /// - Throws: `PredictionError` 404 that names the first ids which no prediction has; nothing is stored then.
    package func label(_ labels: [PredictionLabel]) async throws {
        try await settle()
        _ = try await knownContexts(of: labels.map(\.id))
        let days = Dictionary(grouping: labels) { PredictionDay(containing: $0.id.time) }
        for (day, labels) in days.sorted(by: { $0.key < $1.key }) {
            try await partitions.ifPresent(day) { try await $0.label(labels) }
        }
    }

    /// Joins feedback to its prediction.
    /// - Throws: `PredictionError` 404 when no prediction of `endpoint` has the id; 409 when it takes no more.
    package func add(_ feedback: PredictionFeedback, endpoint: String) async throws {
        guard let context = try await contexts(of: [feedback.id])[feedback.id] else {
            throw Self.unknown([feedback.id])
        }
        guard context.endpoint == endpoint else {
            throw PredictionError(
                .doesNotExist,
                "Prediction '\(feedback.id.text)' was answered by endpoint '\(context.endpoint)', not by '\(endpoint)'."
            )
        }
        let feedbackID = entropy.sortableID(at: clock.now)
        try await partitions.ifPresent(PredictionDay(containing: feedback.id.time)) { store in
            try await store.add(feedback, feedbackID: feedbackID)
        }
    }

    /// How predictions came about, also of those that are not in their endpoint's sample.
    /// - Throws: `PredictionError` 404 that names the first ids which no prediction has.
    package func knownContexts(of ids: [PredictionID]) async throws -> [PredictionID: PredictionContext] {
        let known = try await contexts(of: ids)
        let unknown = ids.filter { known[$0] == nil }
        guard unknown.isEmpty else { throw Self.unknown(unknown) }
        return known
    }
}
