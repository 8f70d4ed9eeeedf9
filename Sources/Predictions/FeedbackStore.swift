import Database
import Wire

// Feedback, in the store of the prediction's day.

extension PredictionStore {
    /// Adds feedback behind what is there, all or none.
    /// - Parameter feedbackIDs: each larger than those given before.
    /// - Throws: `PredictionError` when a prediction has as much as it takes.
    func add(_ feedback: [PredictionFeedback], feedbackIDs: [String]) async throws {
        try await database.write { transaction in
            for (feedback, id) in zip(feedback, feedbackIDs) { try Self.add(feedback, feedbackID: id, transaction) }
        }
    }

    private static func add(
        _ feedback: PredictionFeedback, feedbackID: String, _ transaction: Transaction
    ) throws {
        let (request, row) = (feedback.id.request, feedback.id.row ?? 0)
        let count: Int? = try transaction.value(
            "SELECT COUNT(*) FROM feedback WHERE request = \(request) AND row_index = \(row)")
        guard count ?? 0 < PredictionFeedback.maximumCount else {
            throw PredictionError(
                .conflict,
                "Prediction '\(feedback.id.text)' has \(count ?? 0) pieces of feedback, which is all that one takes."
            )
        }
        try transaction.execute(
            """
            INSERT INTO feedback (feedback_id, request, row_index, name, value, comment, caller, time)
            VALUES (\(feedbackID), \(request), \(row), \(feedback.name), \(feedback.value), \(feedback.comment),
                \(feedback.caller), \(feedback.time))
            """)
    }

    /// Gives predictions, which come in the order of their ids or in the opposite one, the feedback there is on them.
    static func join(_ predictions: inout [Prediction], _ reader: Reader) throws {
        guard let one = predictions.first?.id, let other = predictions.last?.id else { return }
        var found: [PredictionID: [PredictionFeedback]] = [:]
        try reader.forEachRow(
            """
            SELECT request, row_index, value, comment, caller, time, name FROM feedback
            WHERE request >= \(min(one, other).request) AND request <= \(max(one, other).request)
            ORDER BY request, row_index, rowid
            """
        ) { row in
            // The row of a request with one row is 0 too.
            let key = PredictionID(request: try row.get(0), row: try row.get(1))
            found[key, default: []].append(
                PredictionFeedback(
                    id: key, name: try row.get(6), value: try row.get(2), comment: try row.get(3),
                    caller: try row.get(4),
                    time: try row.get(5)))
        }
        guard !found.isEmpty else { return }
        for index in predictions.indices {
            let id = predictions[index].id
            predictions[index].feedback = found[PredictionID(request: id.request, row: id.row ?? 0)] ?? []
        }
    }
}
