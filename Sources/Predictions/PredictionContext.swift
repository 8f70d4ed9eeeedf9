package import Wire

/// How a prediction came about: all that is kept of one that is not in its endpoint's sample.
package struct PredictionContext: Sendable, Hashable {
    package let id: PredictionID
    package let endpoint: String
    package let variant: String
    package let model: String
    package let version: Int
    /// Who or what it was about, as far as the request said.
    package let unit: String?
    /// The probability with which the variant was chosen; nil when the request asked for it by name.
    package let propensity: Double?
    /// The id of the experiment or the bandit in force.
    package let experiment: String?
    /// The rollout that it was part of, and on which side, such as `12/candidate`.
    package let rollout: String?
    /// Whether inputs and output are in the log.
    package let isKept: Bool

    package var time: Timestamp { id.time }
}
