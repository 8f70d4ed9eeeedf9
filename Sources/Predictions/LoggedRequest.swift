package import Runtimes
import Wire

/// A request that was answered, on its way into the log: what its rows have in common, and the rows.
package struct LoggedRequest: Sendable {
    package let endpoint: String
    package let variant: String
    package let model: String
    package let version: Int
    package let latencyUs: Int64
    package let caller: String
    /// Who or what it was about, as far as the request says.
    package let unit: String?
    /// The probability with which this variant was chosen; nil when it was asked for by name.
    package let propensity: Double?
    /// The id of the experiment or the bandit in force.
    package let experiment: String?
    /// The rollout that it was part of, and on which side, such as `12/candidate`.
    package let rollout: String?
    package let input: ModelInput
    package let output: ModelOutput
    package let rowCount: Int

    package init(
        endpoint: String, variant: String, model: String, version: Int, latencyUs: Int64, caller: String,
        unit: String? = nil, propensity: Double? = nil, experiment: String? = nil, rollout: String? = nil,
        input: ModelInput, output: ModelOutput, rowCount: Int
    ) {
        self.endpoint = endpoint
        self.variant = variant
        self.model = model
        self.version = version
        self.latencyUs = latencyUs
        self.caller = caller
        self.unit = unit
        self.propensity = propensity
        self.experiment = experiment
        self.rollout = rollout
        self.input = input
        self.output = output
        self.rowCount = rowCount
    }
}
