package import Wire

/// What is wrong with a question or a change to experiments, runs, metrics and logged models.
package struct TrackingError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func unknownExperiment(_ id: ExperimentID) -> TrackingError {
        TrackingError(
            .doesNotExist, "No Experiment with id=\(id.text) exists.", hint: "'martlet experiments list' shows them.")
    }

    static func unknownExperiment(named name: String) -> TrackingError {
        TrackingError(
            .doesNotExist, "Could not find experiment with name '\(name)'.",
            hint: "'martlet experiments list' shows them.")
    }

    static func deletedExperiment(_ id: ExperimentID) -> TrackingError {
        TrackingError(
            .invalidParameterValue,
            "The experiment \(id.text) must be in the 'active' state. Current state is deleted.",
            hint: "Restore it first, with experiments/restore.")
    }

    static func takenName(_ name: String, deleted: Bool) -> TrackingError {
        TrackingError(
            .alreadyExists, "Experiment(name=\(name)) already exists\(deleted ? " in the deleted state" : "").",
            hint: deleted ? "Restore it, or choose another name." : "Choose another name.")
    }

    static func unknownRun(_ id: String) -> TrackingError {
        TrackingError(.doesNotExist, "Run with id=\(id) not found.", hint: "'martlet runs list' shows them.")
    }

    static func deletedRun(_ id: String) -> TrackingError {
        TrackingError(
            .invalidParameterValue, "The run \(id) must be in the 'active' state. Current state is deleted.",
            hint: "Restore it first, with runs/restore.")
    }

    static func changedParam(_ param: Param, loggedAs value: String, run: String) -> TrackingError {
        TrackingError(
            .invalidParameterValue,
            "Changing param values is not allowed. Param with key='\(param.key)' was already logged with "
                + "value='\(value)' for run ID='\(run)'. Attempted logging new value '\(param.value)'.",
            hint: "Start a new run, or log it under another key.")
    }

    static func missingTag(_ key: String, on owner: String) -> TrackingError {
        TrackingError(.doesNotExist, "No tag with name: \(key) in \(owner).")
    }

    static func notDeleted(_ kind: String, _ id: String) -> TrackingError {
        TrackingError(
            .invalidParameterValue, "The \(kind) \(id) is not in the trash.",
            hint: "Delete it first; then it can be purged or restored.")
    }

    static func unknownLoggedModel(_ id: String) -> TrackingError {
        TrackingError(.doesNotExist, "Logged model with ID '\(id)' not found.")
    }
}
