import Artifacts
import Events
import Manifests
import Monitoring
import Registry
import Serving
import Tracking
import Web
import Wire

extension Composition {
    /// Everything that is answered over HTTP: the table of contents of the house.
    func routes(over stores: Stores, _ endpoints: Endpoints) -> Routes {
        let predictor = Predictor(endpoints: endpoints, log: stores.predictions, clock: clock)
        let board = MonitorBoard(
            manifests: stores.manifests, store: stores.monitors, references: stores.references, alerts: stores.alerts)
        var routes = Routes()
        ServerRoutes(version: Martlet.version).routes(into: &routes)
        AuditRoutes(log: stores.events).routes(into: &routes)
        ManifestRoutes(store: stores.manifests).routes(into: &routes)

        TrackingRoutes(
            experiments: stores.experiments, runs: stores.runs, metrics: stores.metrics, models: stores.loggedModels
        ).routes(into: &routes)
        ArtifactRoutes(store: stores.artifacts).routes(into: &routes)
        RunArtifactRoutes(store: stores.artifacts, runs: stores.runs, models: stores.loggedModels)
            .routes(into: &routes)
        RunArtifactPage(store: stores.artifacts, runs: stores.runs).routes(into: &routes)
        RegisteredModelRoutes(models: stores.models, versions: stores.versions).routes(into: &routes)
        ModelVersionRoutes(versions: stores.versions, artifacts: stores.artifacts).routes(into: &routes)
        ModelPage(models: stores.models, versions: stores.versions, runs: stores.runs).routes(into: &routes)

        InvocationRoutes(predictor: predictor).routes(into: &routes)
        InferenceRoutes(predictor: predictor, serverVersion: Martlet.version).routes(into: &routes)
        PredictionRoutes(log: stores.predictions, clock: clock).routes(into: &routes)
        EndpointRoutes(endpoints: endpoints, manifests: stores.manifests, clock: clock).routes(into: &routes)
        EndpointPage(endpoints: endpoints, log: stores.predictions, clock: clock).routes(into: &routes)

        MonitorRoutes(board: board).routes(into: &routes)
        AlertRoutes(alerts: stores.alerts, windows: stores.monitors).routes(into: &routes)
        OperationsPage(
            endpoints: endpoints, board: board, alerts: stores.alerts, experiments: stores.experiments,
            runs: stores.runs
        ).routes(into: &routes)
        return routes
    }
}
