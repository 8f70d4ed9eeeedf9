import Predictions
import Runtimes
import Telemetry

/// What is read from endpoints and the log when somebody asks for metrics, rather than counted request by request.
enum EndpointMetrics {
    static let ready = MetricFamily(
        "martlet_endpoint_variant_ready", "Whether the variant answers.", kind: .gauge)
    static let workersReady = MetricFamily(
        "martlet_workers_ready", "Python processes that answer for a model.", kind: .gauge)
    static let workersWanted = MetricFamily(
        "martlet_workers_wanted", "Python processes that there are to be for a model.", kind: .gauge)
    static let workerRestarts = MetricFamily(
        "martlet_worker_restarts_total", "How often a Python process of a model was started again after its end.",
        kind: .counter)
    static let shadowRequests = MetricFamily(
        "martlet_shadow_requests_total", "Requests of which the shadow took a copy.", kind: .counter)
    static let shadowDrops = MetricFamily(
        "martlet_shadow_requests_dropped_total", "Requests that the shadow went without because there was much to do.",
        kind: .counter)
    static let backlog = MetricFamily(
        "martlet_prediction_log_backlog_bytes",
        "What the journal holds of predictions that are not in the store yet, or not told to their observers.",
        kind: .gauge)

    /// Brings the families up to date; what they said of endpoints that are gone is forgotten.
    static func update(_ registry: MetricRegistry, _ endpoints: [Endpoint], _ backlog: LogBacklog) {
        let variants = endpoints.flatMap { endpoint in endpoint.variants.map { (endpoint.name, $0) } }
        registry.replace(
            ready,
            with: variants.map { name, variant in
                ([("endpoint", name), ("variant", variant.name)], variant.state == .ready ? 1 : 0)
            })
        update(registry, workers: endpoints.flatMap(workers))
        let shadows = endpoints.compactMap { endpoint in
            endpoint.shadow.map { (labels: [("endpoint", endpoint.name)] as MetricRegistry.Labels, shadow: $0) }
        }
        registry.replace(shadowRequests, with: shadows.map { ($0.labels, Double($0.shadow.taken)) })
        registry.replace(shadowDrops, with: shadows.map { ($0.labels, Double($0.shadow.dropped)) })
        registry.replace(
            Self.backlog,
            with: [
                ([("waiting_for", "store")], Double(backlog.storeBytes)),
                ([("waiting_for", "observers")], Double(backlog.observerBytes)),
            ])
    }

    private static func workers(of endpoint: Endpoint) -> [(MetricRegistry.Labels, WorkerCount)] {
        let shadow = endpoint.shadow?.deployed.map { (variant: "shadow", deployed: $0) }
        return (endpoint.answering + [shadow].compactMap(\.self)).compactMap { variant, deployed in
            deployed.workers.map { workers in
                (
                    [
                        ("endpoint", endpoint.name), ("variant", variant), ("model", deployed.model),
                        ("version", String(deployed.version)),
                    ], workers
                )
            }
        }
    }

    private static func update(_ registry: MetricRegistry, workers: [(MetricRegistry.Labels, WorkerCount)]) {
        registry.replace(workersReady, with: workers.map { ($0, Double($1.ready)) })
        registry.replace(workersWanted, with: workers.map { ($0, Double($1.wanted)) })
        registry.replace(workerRestarts, with: workers.map { ($0, Double($1.restarts)) })
    }
}
