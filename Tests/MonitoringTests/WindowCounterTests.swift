import Predictions
import Statistics
import Testing
import Wire

@testable import Monitoring

@Suite struct WindowCounterTests {
    private static func count(_ rows: Range<Int>, in counter: inout WindowCounter) throws {
        let predictions = try rows.map { row in
            let number = String(row, radix: 16)
            return Prediction(
                id: PredictionID(request: String(repeating: "0", count: 32 - number.count) + number),
                endpoint: "clinic", variant: "main", model: "clinic", version: 1,
                inputs: try JSONText("{\"age\":\(row)}"), output: try JSONText("0.5"), latencyUs: 1, caller: "ann")
        }
        let table = RowTable(predictions)
        let placement = counter.place(predictions[...], table)
        counter.insert([:], for: counter.missing(placement))
        let end = JournalPosition(segment: 1, offset: rows.upperBound)
        counter.count(predictions[...], table, placement, upTo: end)
    }

    @Test func columnsWaitForAReferenceWhileTheirValuesAreFew() throws {
        let plan = WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(5_000))
        var counter = WindowCounter(source: "here", position: nil, waitingLimit: 1_000)
        counter.take(.init(plan, WindowCutter(size: plan.window)))
        let key = ColumnBook.Key(monitor: "health", model: "clinic", version: 1)
        let book = ColumnBook(
            reference: nil, baselines: WindowAnchors(), isWaiting: true, at: Timestamp(milliseconds: 0))
        counter.open(book, of: key)
        // An input and an output.
        try Self.count(0..<400, in: &counter)
        #expect(counter.ripe().isEmpty)
        #expect(counter.waitingBooks == [key])
        try Self.count(400..<600, in: &counter)
        let ripe = try #require(counter.ripe()[key])
        #expect(counter.waitingBooks.isEmpty)
        #expect(Array(ripe.inputs.keys) == ["age"])
        counter.fix(ripe, of: key)
        let age = try #require(counter.live.values.first?.record.inputs["age"])
        #expect(age.anchors != nil)
        #expect(age.rows == 600)
        #expect(age.masked == 0)
        #expect(age.waiting.isEmpty)
    }
}
