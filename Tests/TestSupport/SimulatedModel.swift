import Foundation

/// How a model behaves in a simulation: latencies are log-normal, failures and conversions independent.
package struct SimulatedModel: Sendable {
    package var medianMs: Double
    package var errorRate: Double
    package var conversion: Double
    private static let spread = 0.5

    package init(medianMs: Double = 10, errorRate: Double = 0.02, conversion: Double = 0.1) {
        self.medianMs = medianMs
        self.errorRate = errorRate
        self.conversion = conversion
    }

    /// The latency that one request of a hundred exceeds.
    package var p99: Double { medianMs * exp(2.3263478740408408 * Self.spread) }

    package func latencyMs(using numbers: inout SeededNumbers) -> Double {
        medianMs * exp(Self.spread * numbers.normal())
    }

    package func fails(using numbers: inout SeededNumbers) -> Bool { numbers.uniform() < errorRate }

    package func reward(using numbers: inout SeededNumbers) -> Double { numbers.uniform() < conversion ? 1 : 0 }
}
