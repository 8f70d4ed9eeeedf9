/// The first run, for whoever has none yet.
package enum FirstRun {
    /// How it is logged to the server at `origin`.
    package static func ways(to origin: String, in experiment: ExperimentID = .first) -> KeyValuePairs<String, String> {
        let choice = experiment == .first ? "" : "\nmlflow.set_experiment(experiment_id=\"\(experiment.text)\")"
        let setting = experiment == .first ? "" : " MLFLOW_EXPERIMENT_ID=\(experiment.text)"
        return [
            "Python": """
            import mlflow
            mlflow.set_tracking_uri("\(origin)")\(choice)
            mlflow.autolog()
            with mlflow.start_run():
                mlflow.log_metric("auc", 0.9)
            """,
            "Command line": "export MLFLOW_TRACKING_URI=\(origin)\(setting)\npython train.py",
            "curl": """
            curl \(origin)/api/2.0/mlflow/runs/create \\
              -H 'Content-Type: application/json' \\
              -d '{"experiment_id": "\(experiment.text)", "run_name": "first"}'
            """,
        ]
    }
}
