import Testing
import Wire

@testable import Tracking

@Suite struct MetricSummaryTests {
    @Test func isTheSameInWhateverOrderThePointsCome() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let points = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                MetricPoint(
                    timestamp: Timestamp(milliseconds: .random(in: 0...2, using: &random)),
                    step: .random(in: 0...2, using: &random),
                    value: [-1.5, 0.25, 0.5, 7, .nan, .greatestFiniteMagnitude].randomElement(using: &random) ?? 0)
            }
            let summary = try #require(Self.summary(of: points))
            let another = try #require(Self.summary(of: points.shuffled(using: &random) + points))
            // As texts, for NaN equals nothing.
            #expect("\(another)" == "\(summary)", "\(points)")
            let numbers = points.filter { !$0.value.isNaN }
            #expect(summary.minimum == numbers.map(\.value).min())
            #expect(summary.maximum == numbers.map(\.value).max())
            #expect(!points.contains { $0.isLater(than: summary.latest) })
            #expect(!numbers.contains { summary.first?.isLater(than: $0) ?? true })
        }
    }

    private static func summary(of points: [MetricPoint]) -> MetricSummary? {
        points.reduce(nil) { summary, point in
            guard var summary else { return MetricSummary(of: point) }
            summary.add(point)
            return summary
        }
    }
}
