package import Web

/// Everything of experiments, runs and logged models that is answered over HTTP: the table of contents of the slice.
package struct TrackingRoutes: Sendable {
    private let experiments: ExperimentStore
    private let runs: RunStore
    private let metrics: MetricStore
    private let models: LoggedModelStore
    private let runParts: [RunPart]

    /// - Parameter runParts: what slices above this one add to the page of a run, in this order.
    package init(
        experiments: ExperimentStore, runs: RunStore, metrics: MetricStore, models: LoggedModelStore,
        runParts: [RunPart] = []
    ) {
        self.experiments = experiments
        self.runs = runs
        self.metrics = metrics
        self.models = models
        self.runParts = runParts
    }

    package func routes(into routes: inout Routes) {
        ExperimentRoutes(store: experiments).routes(into: &routes)
        RunRoutes(store: runs).routes(into: &routes)
        MetricRoutes(store: metrics).routes(into: &routes)
        LoggedModelRoutes(store: models).routes(into: &routes)
        let views = SavedViewStore(runs)
        RunTableRoutes(experiments: experiments, runs: runs).routes(into: &routes)
        RunBulkRoutes(store: runs).routes(into: &routes)
        SavedViewRoutes(experiments: experiments, store: views).routes(into: &routes)
        ExperimentPage(experiments: experiments).routes(into: &routes)
        RunTablePage(experiments: experiments, runs: runs, views: views).routes(into: &routes)
        RunPage(experiments: experiments, runs: runs, metrics: metrics, models: models, parts: runParts)
            .routes(into: &routes)
        CurveRoutes(runs: runs, metrics: metrics).routes(into: &routes)
        ComparePage(runs: runs, metrics: metrics).routes(into: &routes)
    }
}
