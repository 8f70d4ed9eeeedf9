import Incidents
import Monitoring
import Predictions
import Runtimes
import Serving
import Telemetry
import Wire

extension Composition {
    /// Looks at what the server and the workers of its models take.
    func costSampler(over stores: Stores, _ endpoints: Endpoints) -> CostSampler {
        CostSampler(
            reader: ResourceReader(folder: configuration.dataFolder, clock: clock), store: stores.costs,
            source: stores.predictions.source, clock: clock, logger: logger
        ) { [meter] in
            let loaded = try await endpoints.all().flatMap(\.loaded)
            let workers = loaded.compactMap { deployed in
                deployed.workers.map { workers in
                    (model: deployed.model, version: deployed.version, processIDs: workers.processIDs)
                }
            }
            return ResourceReader.Load(workers: workers, rows: Int64(meter.rowCount))
        }
    }

    /// What monitoring tells Prometheus.
    func monitoringMetrics(
        _ board: MonitorBoard, _ desk: CostDesk, _ sampler: CostSampler
    ) -> @Sendable (MetricRegistry) async throws -> Void {
        { [clock] registry in
            let open = try await board.alerts.alerts(state: .open, limit: Self.alertsShown)
            let incidents = try await board.alerts.incidents.incidents(isOpen: true, limit: Self.alertsShown)
            MonitorMetrics.update(
                registry, try await board.statuses(), open: open, incidents: incidents, at: clock.now)
            CostMetrics.update(registry, await sampler.state, disk: try await desk.disk())
        }
    }

    private static let alertsShown = 10_000
}
