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

    private struct Handles {
        var metrics: [Key: PredictionMetrics] = [:]
        var inFlight: [String: Gauge] = [:]
    }

    package let registry: MetricRegistry
    private let handles = Mutex(Handles())

    package init(registry: MetricRegistry = MetricRegistry()) {
        self.registry = registry
    }

    package func metrics(_ key: Key) -> PredictionMetrics {
        handles.withLock { handles in
            if let metrics = handles.metrics[key] { return metrics }
            let metrics = PredictionMetrics(registry: registry, labels: key.labels)
            handles.metrics[key] = metrics
            return metrics
        }
    }

    /// How many requests an endpoint is answering; up when one comes, down when it has ended.
    package func inFlight(_ endpoint: String) -> Gauge {
        handles.withLock { handles in
            if let gauge = handles.inFlight[endpoint] { return gauge }
            let gauge = registry.gauge(PredictionMetrics.Family.inFlight, [("endpoint", endpoint)])
            handles.inFlight[endpoint] = gauge
            return gauge
        }
    }

    /// Rows that were predicted by all that answers now.
    package var rowCount: Int {
        handles.withLock { $0.metrics.values.reduce(0) { $0 + $1.rowCount } }
    }

    /// A request that ended before a variant was chosen, or in none.
    package func refused(endpoint: String, status: Int) {
        registry.counter(
            PredictionMetrics.Family.requests,
            [("endpoint", endpoint), ("variant", ""), ("version", ""), ("status", String(status))]
        ).add()
    }

    /// How many requests to an endpoint wait for their turn.
    func waiting(_ endpoint: String) -> Gauge {
        registry.gauge(PredictionMetrics.Family.queued, [("endpoint", endpoint)])
    }

    /// Forgets what nothing answers with any more.
    /// - Parameter endpoints: all there are, also those that nothing answers for at the moment.
    package func keep(only present: Set<Key>, of endpoints: Set<String>) {
        let (versions, names) = handles.withLock { handles in
            let versions = handles.metrics.keys.filter { !present.contains($0) }
            let names = handles.inFlight.keys.filter { !endpoints.contains($0) }
            for key in versions { handles.metrics[key] = nil }
            for name in names { handles.inFlight[name] = nil }
            return (versions, names)
        }
        for key in versions { registry.removeAll(with: key.labels) }
        for name in names { registry.removeAll(with: [("endpoint", name)]) }
    }
}

extension PredictionMeter.Key {
    fileprivate var labels: MetricRegistry.Labels {
        [("endpoint", endpoint), ("variant", variant), ("version", String(version))]
    }
}
