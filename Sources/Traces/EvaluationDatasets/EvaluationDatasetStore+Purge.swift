package import Database
package import Tracking

extension EvaluationDatasetStore {
    /// Removes the links that datasets have to an experiment that is purged. The datasets stay: they belong to nobody.
    package static func unlink(experiment: ExperimentID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM evaluation_dataset_experiments WHERE experiment_id = \(experiment)")
    }
}
