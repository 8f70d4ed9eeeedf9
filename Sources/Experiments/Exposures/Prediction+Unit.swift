import Predictions

extension Prediction {
    /// Whom an experiment counts the prediction for: the unit, or the request itself where nobody said, and always in a
    /// bandit, which chooses anew for each request.
    var exposedUnit: String {
        if let experiment, ExperimentID(experiment)?.kind == .bandit { return id.request }
        return unit ?? id.request
    }
}
