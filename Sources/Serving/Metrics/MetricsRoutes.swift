package import Predictions
import Telemetry
package import Web

/// What the server counts of itself, for Prometheus.
package struct MetricsRoutes: Sendable {
    private let meter: PredictionMeter
    private let endpoints: Endpoints
    private let log: PredictionLog

    package init(meter: PredictionMeter, endpoints: Endpoints, log: PredictionLog) {
        self.meter = meter
        self.endpoints = endpoints
        self.log = log
    }

    package func routes(into routes: inout Routes) {
        routes.get("/metrics", .read("metrics")) { _ in
            let all = try await endpoints.all()
            let present = all.flatMap { endpoint in
                endpoint.answering.map {
                    PredictionMeter.Key(
                        endpoint: endpoint.name, variant: $0.variant, version: $0.deployed.version)
                }
            }
            meter.keep(only: Set(present), of: Set(all.map(\.name)))
            let waiting = endpoints.waiting
            for endpoint in all { meter.waiting(endpoint.name).set(Double(waiting[endpoint.name] ?? 0)) }
            EndpointMetrics.update(meter.registry, all, log.backlog)
            return .text(meter.registry.exposition, type: MetricRegistry.mediaType)
        }
    }
}
