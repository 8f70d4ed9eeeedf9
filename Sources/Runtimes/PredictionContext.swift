/// What a request says beside what it asks.
package struct PredictionContext: Sendable, Hashable {
    /// What the request is known by, in the log and where what the model printed meanwhile is looked up; nil for none.
    package var id: String?
    /// When nobody waits for the answer any more; nil for as long as the model may take.
    package var deadline: ContinuousClock.Instant?
    /// Other requests that the same prediction answers.
    var companions: [String] = []

    package init(id: String? = nil, deadline: ContinuousClock.Instant? = nil) {
        self.id = id
        self.deadline = deadline
    }

    /// All requests that the prediction answers.
    var ids: [String] { [id].compactMap(\.self) + companions }
}
