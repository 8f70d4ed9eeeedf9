import Synchronization
package import Telemetry

/// Counts what is predicted, by endpoint, variant and version.
package final class PredictionMeter: Sendable {
    /// What numbers are kept apart by.
    package struct Key: Sendable, Hashable {
        package let endpoint: String
        package let variant: String
        package let version: Int

        package init(endpoint: String, variant: String, version: Int) {
            self.endpoint = endpoint
            self.variant = variant
            self.version = version
        }
    }

    package let registry: MetricRegistry
    private let known = Mutex<[Key: PredictionMetrics]>([:])

    package init(registry: MetricRegistry = MetricRegistry()) {
        self.registry = registry
    }

    package func metrics(_ key: Key) -> PredictionMetrics {
        known.withLock { known in
            if let metrics = known[key] { return metrics }
            let metrics = PredictionMetrics(
                registry: registry,
                labels: [
                    ("endpoint", key.endpoint), ("variant", key.variant), ("version", String(key.version)),
                ])
            known[key] = metrics
            return metrics
        }
    }

    /// A request that ended before a variant was chosen, or in none.
    package func refused(endpoint: String, status: Int) {
        registry.counter(
            PredictionMetrics.Family.requests,
            [("endpoint", endpoint), ("variant", ""), ("version", ""), ("status", String(status))]
        ).add()
    }

    /// How many requests an endpoint is answering; up when one comes, down when it has ended.
    package func inFlight(_ endpoint: String) -> Gauge {
        registry.gauge(PredictionMetrics.Family.inFlight, [("endpoint", endpoint)])
    }

    /// Forgets what nothing answers with any more.
    package func keep(only present: Set<Key>) {
        let gone = known.withLock { known in
            let gone = known.keys.filter { !present.contains($0) }
            for key in gone { known[key] = nil }
            return gone
        }
        for key in gone {
            registry.removeAll(
                with: [("endpoint", key.endpoint), ("variant", key.variant), ("version", String(key.version))])
        }
    }
}
