import Runtimes
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct WindowFeedNumbersTests {
    private static let names = ["age", "weight", "height"]

    private static var anchors: WindowAnchors {
        let reference = ColumnAnchors(reference: (0..<100).map { ColumnValue.number(Double($0)) })
        return WindowAnchors(
            inputs: Dictionary(uniqueKeysWithValues: names.map { ($0, reference) }), outputs: ["prediction": reference])
    }

    /// Rows of numbers, some missing, and now and then a request that is known by its text alone.
    private static func append(_ number: Int, to log: PredictionLog) async throws {
        let rows = 1 + number % 4
        let cells = (0..<rows * names.count).map { $0 % 7 == 6 ? Double.nan : Double((31 * number + 7 * $0) % 110) }
        let matrix = Batch.Matrix(columns: names.map { ColumnSpec(name: $0, type: .double) }, values: cells)
        let ages = Column(name: "age", values: .strings(Array(repeating: "old", count: rows)))
        let isText = number % 9 == 8
        let batch = isText ? Batch(rowCount: rows, columns: [ages]) : Batch(rowCount: rows, matrix: matrix)
        let scores = Tensor(shape: [rows], values: .doubles((0..<rows).map { Double(number + $0) }))
        _ = try await log.append(
            LoggedRequest(
                endpoint: "clinic", variant: "main", model: "clinic", version: 1, latencyUs: 100, caller: "ann",
                input: .table(batch), output: .tensor(scores), rowCount: rows))
    }

    @Test func countsNumbersThatItWasHandedAsThoseThatItReads() async throws {
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(50))
        let handed = try await WindowFeedFixture([plan], anchors: Self.anchors)
        var read = try await WindowFeedFixture([plan], anchors: Self.anchors)
        for number in 0..<200 {
            try await Self.append(number, to: handed.log)
            try await Self.append(number, to: read.log)
            guard number % 20 == 19 else { continue }
            try await handed.log.settleObservers()
            // What it was told last it knows from the journal of a server that was killed.
            read = try await read.killed()
            try await read.log.settleObservers()
        }
        let (one, other) = (try #require(try await handed.whole()), try #require(try await read.whole()))
        #expect(one.keptRows == 500)
        #expect(one.rows == other.rows)
        #expect(one.keptRows == other.keptRows)
        #expect(one.inputs == other.inputs)
        #expect(one.outputs == other.outputs)
        #expect(one.uniqueness == other.uniqueness)
        #expect(one.widths == other.widths)
        #expect(one.calls == other.calls)
        #expect(one.inputs.names == Self.names)
        #expect(one.inputs["age"]?.profile().missing ?? 0 > 0)
    }
}
