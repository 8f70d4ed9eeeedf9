import Runtimes
import Statistics
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Rows whose numbers are known beside the same rows of which only the texts are.
@Suite struct RowTableNumbersTests {
    private static func request(
        _ batch: Batch, _ output: ModelOutput, endpoint: String = "e"
    ) -> LoggedRequest {
        LoggedRequest(
            endpoint: endpoint, variant: "v", model: "m", version: 1, latencyUs: 1, caller: "c", input: .table(batch),
            output: output, rowCount: batch.rowCount)
    }

    private static func matrix(_ names: [String], _ values: [Double]) -> Batch {
        let columns = names.map { ColumnSpec(name: $0, type: .double) }
        return Batch(
            rowCount: values.count / names.count, matrix: Batch.Matrix(columns: columns, values: values))
    }

    private static func scores(_ values: Double...) -> ModelOutput {
        .tensor(Tensor(shape: [values.count], values: .doubles(values)))
    }

    /// The rows of requests as a log tells them, and their numbers.
    private static func told(_ requests: [LoggedRequest]) throws -> ([Prediction], [RequestNumbers?]) {
        var (predictions, numbers): ([Prediction], [RequestNumbers?]) = ([], [])
        for request in requests {
            numbers += repeatElement(nil, count: predictions.count - numbers.count)
            numbers.append(RequestNumbers(request))
            let line = JournalLine.bytes(request, isKept: true, mask: ColumnMask())
            predictions += try JournalLine.predictions(of: line)
        }
        return (predictions, numbers)
    }

    private static func expectAlike(_ one: RowTable, _ other: RowTable) {
        #expect(one.isKept == other.isKept)
        #expect(one.isAllKept == other.isAllKept)
        #expect(one.widths == other.widths)
        #expect(one.hashes == other.hashes)
        #expect(one.crowded == other.crowded)
        for (one, other) in [(one.inputs, other.inputs), (one.outputs, other.outputs)] {
            #expect(one.names == other.names)
            for name in one.names {
                let columns = (one[name], other[name])
                for row in 0..<20 {
                    #expect(columns.0?.cell(row) == columns.1?.cell(row), "\(name), row \(row)")
                    // In words, for what is no number equals nothing.
                    #expect(
                        "\(String(describing: columns.0?.value(row)))" == "\(String(describing: columns.1?.value(row)))"
                    )
                }
                var all = RowSet()
                all.append(0..<4)
                #expect(columns.0?.allNumbers(upTo: all) == columns.1?.allNumbers(upTo: all))
            }
        }
    }

    @Test func saysWhatTheTextsSay() throws {
        let odd = [-0.0, 1e300, .leastNonzeroMagnitude, .nan, .infinity, 0.1, 123_456_789.012_345, 1e16, -3, 2.5]
        let ages = Column(name: "age", values: .int64s([.max, 7]), validity: [true, false])
        let floats = Column(name: "weight", values: .floats([0.1, .nan]))
        let cities = Column(name: "city", values: .strings(["rome", "NaN"]))
        let vectors = ModelOutput.tensor(Tensor(shape: [2, 2], values: .doubles([0.25, 0.75, 1, 0])))
        let requests = [
            Self.request(Self.matrix(["a", "b"], odd), Self.scores(1, 2, .nan, 4, 5)),
            Self.request(Self.matrix(["a", "b"], [7, 8]), Self.scores(0.5)),
            // Other columns, in another order, and some that only few rows have.
            Self.request(Self.matrix(["b", "c"], [9, 10, 11, 12]), .json(["yes", "no"])),
            Self.request(Batch(rowCount: 2, columns: [ages, floats]), vectors),
            Self.request(Batch(rowCount: 2, columns: [ages, cities]), Self.scores(3, 4)),
            Self.request(Self.matrix(["a", "b"], [1, 2]), .tensor(Tensor(shape: [1], values: .int32s([6])))),
            // Two columns of one name are what the texts say of them: the last.
            Self.request(Self.matrix(["a", "a"], [1, 2]), Self.scores(5)),
        ]
        let (predictions, numbers) = try Self.told(requests)
        #expect(numbers.count { $0 != nil } == 6)
        Self.expectAlike(RowTable(predictions, numbers), RowTable(predictions))
        // Whatever was counted before: the rest of the group goes by the same places.
        Self.expectAlike(RowTable(predictions[5...], numbers), RowTable(predictions[5...]))
    }

    @Test func takesManyRowsAtOnce() throws {
        let names = (0..<30).map { "n\($0)" }
        let requests = (0..<300).map { number in
            Self.request(
                Self.matrix(names, (0..<60).map { Double(number * 60 + $0) }), Self.scores(1, Double(number)))
        }
        let (predictions, numbers) = try Self.told(requests)
        let table = RowTable(predictions, numbers)
        #expect(table.inputs["n7"]?.value(501) == .number(250 * 60 + 37))
        #expect(table.outputs["prediction"]?.value(501) == .number(250))
        let texts = RowTable(predictions)
        #expect(table.hashes == texts.hashes)
        var all = RowSet()
        all.append(0..<600)
        for name in names {
            #expect(table.inputs[name]?.allNumbers(upTo: all) == texts.inputs[name]?.allNumbers(upTo: all))
        }
    }

    @Test func passesOverWhatNobodyWatches() throws {
        let requests = (0..<6).map { number in
            Self.request(
                Self.matrix(["a"], [Double(number), 1]), Self.scores(1, 2), endpoint: number % 2 == 0 ? "e" : "f")
        }
        let (predictions, numbers) = try Self.told(requests)
        let table = RowTable(predictions, numbers) { $0 == "e" }
        Self.expectAlike(table, RowTable(predictions) { $0 == "e" })
        #expect(table.isKept.count { $0 } == 6)
    }

    @Test func readsTheTextsWhereThereIsNoRoomForColumns() throws {
        let many = (0..<RowTable.columnLimit - 1).map { "m\($0)" }
        let requests = [
            Self.request(Self.matrix(many, many.map { Double($0.count) }), Self.scores(1)),
            Self.request(Self.matrix(["x", "y"], [1, 2]), Self.scores(2)),
            Self.request(Self.matrix(["m0", "m1"], [3, 4]), Self.scores(3)),
        ]
        let (predictions, numbers) = try Self.told(requests)
        let table = RowTable(predictions, numbers)
        Self.expectAlike(table, RowTable(predictions))
        #expect(table.crowded.ranges == [1..<2])
    }
}
