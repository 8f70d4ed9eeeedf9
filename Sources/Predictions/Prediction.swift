package import Wire

/// One row that an endpoint answered: what came in, what went out, by which version, for whom, and what turned out to be
/// true, once that is known.
package struct Prediction: Sendable, Hashable {
    package let id: PredictionID
    package let endpoint: String
    package let variant: String
    package let model: String
    package let version: Int
    /// Values by column name.
    package let inputs: JSONText
    package let output: JSONText
    /// Of the whole request that the row came in, without reading and writing it, in microseconds; `unknownLatency` when
    /// whoever made the prediction elsewhere did not say.
    package let latencyUs: Int64
    /// The principal's name.
    package let caller: String
    /// Who or what it was about, as far as the request said.
    package let unit: String?
    /// The probability with which the variant was chosen; nil when the request asked for it by name.
    package let propensity: Double?
    /// The id of the experiment or the bandit in force.
    package let experiment: String?
    /// The rollout that it was part of, and on which side, such as `12/candidate`.
    package let rollout: String?
    /// The names whose values are null because they are never written down.
    package let masked: [String]
    /// What those call it who made it elsewhere.
    package let externalID: String?
    /// When it came here, if it was made elsewhere; its own moment may be long before.
    package let receivedTime: Timestamp?
    /// Whether it is in its endpoint's sample. Only observers see one that is not: its inputs and its output are null.
    package let isKept: Bool
    /// Nil until a label arrives.
    package let label: JSON?
    package let labelTime: Timestamp?
    /// Oldest first.
    package var feedback: [PredictionFeedback]
    /// What the model printed with its request, as far as this server remembers; only when it is asked for by its id.
    package var printed: [String] = []

    package var time: Timestamp { id.time }

    /// Of what came in and went out.
    var sizeBytes: Int { inputs.text.utf8.count + output.text.utf8.count }

    /// What `latencyUs` is when nobody knows.
    package static let unknownLatency: Int64 = -1
    /// What comes more than a day after its moment is late.
    package static let lateAfterMs: Int64 = 86_400_000

    /// Whether it was made elsewhere and came more than a day after its moment.
    package var isLate: Bool {
        receivedTime.map { $0.milliseconds - time.milliseconds > Self.lateAfterMs } ?? false
    }

    package init(
        id: PredictionID, endpoint: String, variant: String, model: String, version: Int, inputs: JSONText,
        output: JSONText,
        latencyUs: Int64, caller: String, unit: String? = nil, propensity: Double? = nil, experiment: String? = nil,
        rollout: String? = nil,
        masked: [String] = [], externalID: String? = nil, receivedTime: Timestamp? = nil, isKept: Bool = true,
        label: JSON? = nil, labelTime: Timestamp? = nil,
        feedback: [PredictionFeedback] = []
    ) {
        self.id = id
        self.endpoint = endpoint
        self.variant = variant
        self.model = model
        self.version = version
        self.inputs = inputs
        self.output = output
        self.latencyUs = latencyUs
        self.caller = caller
        self.unit = unit
        self.propensity = propensity
        self.experiment = experiment
        self.rollout = rollout
        self.masked = masked
        self.externalID = externalID
        self.receivedTime = receivedTime
        self.isKept = isKept
        self.label = label
        self.labelTime = labelTime
        self.feedback = feedback
    }
}

extension Prediction: JSONRepresentable {
    package var json: JSON {
        .compact([
            "prediction_id": .string(id.text), "external_id": externalID.map(JSON.string),
            "endpoint": .string(endpoint), "variant": .string(variant),
            "model": .string(model), "version": .integer(Int64(version)), "time": time.json, "inputs": inputs.json,
            "output": output.json, "latency_us": latencyUs < 0 ? nil : .integer(latencyUs), "caller": .string(caller),
            "unit": unit.map(JSON.string), "propensity": propensity.map(JSON.double),
            "experiment": experiment.map(JSON.string), "rollout": rollout.map(JSON.string),
            "received_time": receivedTime?.json, "late": isLate ? true : nil,
            "masked": masked.isEmpty ? nil : .array(masked.map(JSON.string)), "label": label,
            "label_time": labelTime?.json,
            "feedback": feedback.isEmpty ? nil : .array(feedback.map(\.json)),
            "printed": printed.isEmpty ? nil : .strings(printed),
        ])
    }
}

/// What turned out to be true of a prediction.
package struct PredictionLabel: Sendable, Hashable {
    package let id: PredictionID
    package let value: JSON
    /// When it became known.
    package let time: Timestamp

    package init(id: PredictionID, value: JSON, time: Timestamp) {
        self.id = id
        self.value = value
        self.time = time
    }
}

/// Which predictions to read. They come in the order of their ids, oldest first.
package struct PredictionQuery: Sendable, Hashable {
    /// All endpoints when nil.
    package var endpoint: String?
    /// Only those logged after this one.
    package var after: PredictionID?
    /// Only those logged at or after this moment.
    package var from: Timestamp?
    /// Only those logged before this moment.
    package var to: Timestamp?
    /// Only those with a label, or only those without.
    package var isLabelled: Bool?
    package var limit: Int
    /// No more are read once those that were found take so many bytes.
    package var maximumBytes: Int

    package init(
        endpoint: String? = nil, after: PredictionID? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        isLabelled: Bool? = nil, limit: Int = 1000, maximumBytes: Int = .max
    ) {
        self.endpoint = endpoint
        self.after = after
        self.from = from
        self.to = to
        self.isLabelled = isLabelled
        self.limit = limit
        self.maximumBytes = maximumBytes
    }

    /// What is still to be read when some were found.
    func rest(after found: [Prediction]) -> PredictionQuery {
        var rest = self
        rest.limit -= found.count
        rest.maximumBytes -= found.reduce(0) { $0 + $1.sizeBytes }
        return rest
    }

    /// Whether nothing is still to be read, though there may be more.
    var isSatisfied: Bool { limit <= 0 || maximumBytes <= 0 }
}
