import Artifacts
import Events
import Exchange
import Experiments
import Incidents
import Manifests
import Monitoring
import Predictions
import Registry
import Scoring
import Serving
import Traces
import Tracking
import Trash
import Web
import Webhooks
import Wire

extension Composition {
    /// Everything that is answered over HTTP: the table of contents of the house.
    func routes(
        over stores: Stores, _ endpoints: Endpoints, _ sender: WebhookSender, _ courier: Courier, _ costs: CostDesk,
        _ sampler: CostSampler
    ) throws -> Routes {
        let predictor = Predictor(
            endpoints: endpoints, log: stores.predictions, clock: clock, entropy: entropy, meter: meter)
        let board = MonitorBoard(
            manifests: stores.manifests, store: stores.monitors, references: stores.references, alerts: stores.alerts,
            windows: stores.windows, desk: stores.referenceDesk)
        var routes = Routes()
        ServerRoutes(version: Martlet.version).routes(into: &routes)
        AuditRoutes(log: stores.events, pageOf: SubjectPage.path).routes(into: &routes)
        ManifestRoutes(store: stores.manifests).routes(into: &routes)
        ManifestPage(store: stores.manifests).routes(into: &routes)
        ManifestListPage(store: stores.manifests, pageOf: SubjectPage.path).routes(into: &routes)

        ServerInfoRoutes(hasDirectTransfers: stores.artifacts.links != nil).routes(into: &routes)
        let previews = PreviewReader(store: stores.artifacts, tables: tables)
        let files = FilesPage(
            store: stores.artifacts, reader: previews, description: .init(html: SignatureTable.html))
        TrackingRoutes(
            experiments: stores.experiments, runs: stores.runs, metrics: stores.metrics, models: stores.loggedModels,
            runParts: [
                Lineage(endpoints: endpoints).part(stores.versions),
                ReproductionPage(store: stores.artifacts, models: stores.loggedModels).part,
                RunFilesPage.part(of: files),
            ]
        ).routes(into: &routes)
        TraceRoutes(store: stores.traces, experiments: stores.experiments).routes(into: &routes)
        EvaluationDatasetRoutes(store: stores.evaluationDatasets).routes(into: &routes)
        ArtifactRoutes(store: stores.artifacts).routes(into: &routes)
        DirectTransferRoutes(store: stores.artifacts).routes(into: &routes)
        RunArtifactRoutes(store: stores.artifacts, runs: stores.runs, models: stores.loggedModels)
            .routes(into: &routes)
        PreviewRoutes(
            reader: previews, store: stores.artifacts, runs: stores.runs, models: stores.loggedModels,
            origin: stores.modelOrigin
        ).routes(into: &routes)
        RunFilesPage(files: files, runs: stores.runs, models: stores.loggedModels).routes(into: &routes)
        RegisteredModelRoutes(models: stores.models, versions: stores.versions).routes(into: &routes)
        ModelVersionRoutes(versions: stores.versions, artifacts: stores.artifacts).routes(into: &routes)
        ModelPage(models: stores.models, versions: stores.versions, runs: stores.runs).routes(into: &routes)
        ModelFilesPage(files: files, versions: stores.versions).routes(into: &routes)
        VersionPage(
            models: stores.models, versions: stores.versions, runs: stores.runs, artifacts: stores.artifacts,
            endpoints: endpoints, manifests: stores.manifests
        ).routes(into: &routes)

        let trash = trash(over: stores, endpoints)
        TrashRoutes(store: trash).routes(into: &routes)
        ImportRoutes(
            experiments: stores.experiments, runs: stores.runs, loggedModels: stores.loggedModels,
            models: stores.models, versions: stores.versions, traces: stores.traces,
            evaluationDatasets: stores.evaluationDatasets, webhooks: stores.webhooks, trash: trash
        ).routes(into: &routes)

        WebhookRoutes(store: stores.webhooks, sender: sender, entropy: entropy).routes(into: &routes)

        InvocationRoutes(predictor: predictor).routes(into: &routes)
        InferenceRoutes(predictor: predictor, serverVersion: Martlet.version).routes(into: &routes)
        RepositoryRoutes(endpoints: endpoints, meter: meter).routes(into: &routes)
        KServeRoutes(predictor: predictor).routes(into: &routes)
        StreamRoutes(predictor: predictor).routes(into: &routes)
        DescriptionRoutes(endpoints: endpoints).routes(into: &routes)
        MetricsRoutes(
            meter: meter, endpoints: endpoints, log: stores.predictions,
            others: monitoringMetrics(board, costs, sampler)
        ).routes(into: &routes)
        PredictionRoutes(log: stores.predictions, clock: clock).routes(into: &routes)
        PredictionPage(log: stores.predictions).routes(into: &routes)
        PredictionImportRoutes(log: stores.predictions, clock: clock, entropy: entropy) {
            [manifests = stores.manifests] in try await EndpointManifest.logPolicies(in: manifests)
        }.routes(into: &routes)
        let predictionTable = try PredictionTable(
            folder: configuration.dataFolder + "/predictions/export", tables: tables, entropy: entropy)
        ExportRoutes(log: stores.predictions, table: predictionTable).routes(into: &routes)
        rewardRoutes(over: stores).routes(into: &routes)
        EndpointRoutes(endpoints: endpoints, manifests: stores.manifests, clock: clock).routes(into: &routes)
        RolloutRoutes(store: stores.rollouts, endpoints: endpoints).routes(into: &routes)
        ShadowRoutes(store: stores.shadows, endpoints: endpoints).routes(into: &routes)
        RolloutListPage(store: stores.rollouts, endpoints: endpoints).routes(into: &routes)
        ShadowComparisonPage(store: stores.shadows, endpoints: endpoints).routes(into: &routes)
        TrafficShiftPage(endpoints: endpoints, manifests: stores.manifests).routes(into: &routes)
        TrialPage(predictor: predictor).routes(into: &routes)
        EndpointPage(
            endpoints: endpoints, log: stores.predictions, rollouts: stores.rollouts, shadows: stores.shadows,
            experiments: ExperimentSection(board: experimentBoard(over: stores)), manifests: stores.manifests,
            clock: clock
        ).routes(into: &routes)

        ScoringRoutes(
            store: stores.batches, places: ScoringPlaces(artifacts: stores.artifacts, runs: stores.runs),
            versions: stores.versions
        ).routes(into: &routes)

        MonitorRoutes(board: board, costs: costs, log: stores.predictions).routes(into: &routes)
        TrafficRoutes(manifests: stores.manifests, windows: stores.windows).routes(into: &routes)
        CostRoutes(desk: costs, sampler: sampler, board: board).routes(into: &routes)
        IncidentRoutes(
            incidents: stores.alerts.incidents, timeLine: stores.timeLine, manifests: stores.manifests
        ).routes(into: &routes)
        SilenceRoutes(alerts: stores.alerts, manifests: stores.manifests).routes(into: &routes)
        ChannelRoutes(
            manifests: stores.manifests, incidents: stores.alerts.incidents, courier: courier, entropy: entropy
        ).routes(into: &routes)
        PerformanceRoutes(board: board, store: stores.performance).routes(into: &routes)
        AlertRoutes(alerts: stores.alerts, manifests: stores.manifests, course: stores.monitors.course).routes(
            into: &routes)
        OperationsPage(
            endpoints: endpoints, board: board, alerts: stores.alerts, rollouts: stores.rollouts, runs: stores.runs,
            costs: costs, freeShare: freeShare
        ).routes(into: &routes)
        FindRoutes(finders: finders(over: stores)).routes(into: &routes)
        RouteTable.add(to: &routes)
        return routes
    }

    private func rewardRoutes(over stores: Stores) -> RewardRoutes {
        let desk = RewardDesk(
            log: stores.predictions, exposures: stores.exposures, rewards: stores.rewards,
            guardrails: stores.guardrails, entropy: entropy)
        return RewardRoutes(desk: desk, board: experimentBoard(over: stores), clock: clock)
    }

    private func experimentBoard(over stores: Stores) -> ExperimentBoard {
        ExperimentBoard(
            exposures: stores.exposures, rewards: stores.rewards, guardrails: stores.guardrails,
            bandits: stores.bandits)
    }

    /// The trash, which asks the endpoints what they serve before something goes for good.
    private func trash(over stores: Stores, _ endpoints: Endpoints) -> TrashStore {
        let witness = TrashWitness { item in
            guard item.kind == .model || item.kind == .version else { return [] }
            // A model registered anew under the name is not the one in the trash.
            let isAnother = (try? await stores.models.model(named: item.name)) != nil
            if item.kind == .model, isAnother { return [] }
            return try await endpoints.all().flatMap { endpoint in
                endpoint.loaded.filter { deployed in
                    deployed.model == item.name
                        && (item.kind == .model || item.id == "\(deployed.model)/\(deployed.version)")
                }.map { _ in "endpoint '\(endpoint.name)'" }
            }
        }
        return TrashStore(
            database: stores.database, events: stores.events, clock: clock, artifacts: stores.artifacts,
            tracked: TrashStore.Tracked(
                experiments: stores.experiments, runs: stores.runs, loggedModels: stores.loggedModels,
                models: stores.models, versions: stores.versions), witness: witness)
    }
}
