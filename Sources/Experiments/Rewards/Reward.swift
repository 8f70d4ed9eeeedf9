package import Wire

/// What a unit did after it met an arm: converted, paid, came back.
package struct Reward: Sendable, Hashable {
    package let experiment: String
    package let metric: String
    /// Sending a reward with the same id again replaces it.
    package let id: String
    package let unit: String
    package let variant: String
    package let value: Double
    package let time: Timestamp

    package init(
        experiment: String, metric: String, id: String, unit: String, variant: String, value: Double, time: Timestamp
    ) {
        self.experiment = experiment
        self.metric = metric
        self.id = id
        self.unit = unit
        self.variant = variant
        self.value = value
        self.time = time
    }
}

/// A reward as it is sent: about a prediction or about a unit.
package struct SentReward: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case prediction(String)
        case unit(String)
    }

    package let subject: Subject
    /// That of the experiment when nil.
    package let metric: String?
    package let value: Double
    package let time: Timestamp
    /// Nil: the id of the prediction, so that a reward sent twice counts once; a unit's rewards then add up.
    package let id: String?

    package init(_ subject: Subject, metric: String? = nil, value: Double, time: Timestamp, id: String? = nil) {
        self.subject = subject
        self.metric = metric
        self.value = value
        self.time = time
        self.id = id
    }
}

/// A unit's value from before the experiment, which takes noise from the effect.
package struct Covariate: Sendable, Hashable {
    package let unit: String
    package let value: Double

    package init(unit: String, value: Double) {
        self.unit = unit
        self.value = value
    }
}

/// What became of rewards that were sent together.
package struct RewardReceipt: Sendable, Hashable, JSONRepresentable {
    package var accepted = 0
    /// Of a bandit, and came after its window.
    package var late = 0
    /// About predictions that were in no experiment and no rollout that asks for it, such as those that asked for their
    /// variant by name.
    package var outside = 0

    package var json: JSON {
        [
            "accepted": .integer(Int64(accepted)), "late": .integer(Int64(late)), "outside": .integer(Int64(outside)),
        ]
    }
}

/// How long after a prediction its reward may come; one that has none by then earned 0.
package struct RewardWindow: Sendable, Hashable {
    package let minutes: Int
    package let now: Timestamp

    package init(minutes: Int, now: Timestamp) {
        self.minutes = minutes
        self.now = now
    }

    var milliseconds: Int64 { Int64(minutes) * 60_000 }
    /// The time of predictions made until then is over.
    var end: Timestamp { Timestamp(milliseconds: now.milliseconds - milliseconds) }
}
