package import Predictions
package import Telemetry
package import Web

/// What the server counts of itself, for Prometheus.
package struct MetricsRoutes: Sendable {
    private let meter: PredictionMeter
    private let endpoints: Endpoints
    private let log: PredictionLog
    private let others: @Sendable (MetricRegistry) async throws -> Void

    /// - Parameter others: brings up to date what slices that know this one tell of themselves.
    package init(
        meter: PredictionMeter, endpoints: Endpoints, log: PredictionLog,
        others: @escaping @Sendable (MetricRegistry) async throws -> Void = { _ in }
    ) {
        self.meter = meter
        self.endpoints = endpoints
        self.log = log
        self.others = others
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
            try await others(meter.registry)
            return .text(meter.registry.exposition, type: MetricRegistry.mediaType)
        }
    }
}
