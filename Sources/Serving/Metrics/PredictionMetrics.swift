package import Telemetry

/// The numbers of one version behind a variant of an endpoint. Whoever answers requests keeps it: counting looks nothing
/// up, and takes well under a microsecond.
package final class PredictionMetrics: Sendable {
    /// What a prediction spends its time on.
    package enum Stage: String, Sendable, CaseIterable {
        /// Waiting for its turn.
        case queue
        /// Taking the body apart.
        case decode
        /// The model itself.
        case predict
        /// Writing the answer.
        case encode
    }

    /// What is counted of all versions in the same families.
    package enum Family {
        package static let requests = MetricFamily(
            "martlet_prediction_requests_total",
            "Requests for predictions, by the status of their answer; without a variant where none was asked.",
            kind: .counter)
        package static let rows = MetricFamily(
            "martlet_prediction_rows_total", "Rows that were predicted.", kind: .counter)
        package static let durations = MetricFamily.durations(
            "martlet_prediction_duration_seconds", "From the body of a request to the prediction of its model.")
        package static let stages = MetricFamily.durations(
            "martlet_prediction_stage_duration_seconds", "What predictions spend their time on.")
        package static let inFlight = MetricFamily(
            "martlet_prediction_requests_in_flight", "Requests for predictions that are being answered.", kind: .gauge)
        package static let queued = MetricFamily(
            "martlet_prediction_queue_length", "Requests for predictions that wait for their turn.", kind: .gauge)
    }

    private let registry: MetricRegistry
    private let labels: MetricRegistry.Labels
    private let answeredRequests: Counter
    private let answeredRows: Counter
    private let failures = Counter()
    private let durations: Histogram
    private let stages: [Histogram]

    init(registry: MetricRegistry, labels: MetricRegistry.Labels) {
        self.registry = registry
        self.labels = labels
        answeredRequests = registry.counter(Family.requests, labels + [("status", "200")])
        answeredRows = registry.counter(Family.rows, labels)
        durations = registry.histogram(Family.durations, labels)
        stages = Stage.allCases.map { registry.histogram(Family.stages, labels + [("stage", $0.rawValue)]) }
    }

    package func answered(in duration: Duration, rowCount: Int) {
        answeredRequests.add()
        answeredRows.add(rowCount)
        durations.record(duration)
    }

    package func record(_ stage: Stage, _ duration: Duration) {
        histogram(stage).record(duration)
    }

    /// Failures are looked up by their status: they are few, and cost more than that anyway.
    package func failed(status: Int) {
        failures.add()
        registry.counter(Family.requests, labels + [("status", String(status))]).add()
    }

    private func histogram(_ stage: Stage) -> Histogram {
        switch stage {
        case .queue: stages[0]
        case .decode: stages[1]
        case .predict: stages[2]
        case .encode: stages[3]
        }
    }

    // MARK: Reading

    var requestCount: Int { answeredRequests.value }
    /// Refused by the model, or failed in it.
    var failureCount: Int { failures.value }
    var rowCount: Int { answeredRows.value }
    var total: Histogram.Snapshot { durations.snapshot }

    func total(_ stage: Stage) -> Histogram.Snapshot { histogram(stage).snapshot }
}
