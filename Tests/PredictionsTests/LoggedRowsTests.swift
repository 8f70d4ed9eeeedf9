import Runtimes
import Testing
import Wire

@testable import Predictions

@Suite struct LoggedRowsTests {
    private static func row(_ row: Int, of input: ModelInput) throws -> JSON {
        var writer = JSONWriter()
        writer.write(row: row, of: input)
        return try JSON.parse(writer.bytes)
    }

    @Test func logsARowOfATableByColumn() throws {
        let ages = Column(name: "age", values: .doubles([30, .nan, .infinity]))
        let cities = Column(name: "city", values: .strings(["", "rome", "oslo"]), validity: [false, true, true])
        let input = ModelInput.table(Batch(rowCount: 3, columns: [ages, cities]))
        #expect(try Self.row(0, of: input) == ["age": 30.0, "city": nil])
        // For numbers that are not finite JSON has no word.
        #expect(try Self.row(1, of: input) == ["age": nil, "city": "rome"])
        #expect(try Self.row(2, of: input) == ["age": nil, "city": "oslo"])
    }

    @Test func logsARowOfAMatrixByNumber() throws {
        let input = ModelInput.tensors([Tensor(shape: [2, 2], values: .doubles([1, 2, 3, .nan]))])
        #expect(try Self.row(1, of: input) == ["0": 3.0, "1": nil])
    }

    @Test func logsTensorsOfDifferentLengthsWhole() throws {
        let input = ModelInput.tensors([
            Tensor(name: "images", shape: [3, 1], values: .int64s([1, 2, 3])),
            Tensor(name: "scale", shape: [2], values: .doubles([0.5, 2])),
        ])
        #expect(try Self.row(0, of: input) == ["images": [[1], [2], [3]], "scale": [0.5, 2.0]])
    }

    @Test func logsAScalarAndADocument() throws {
        let scalar = ModelInput.tensors([Tensor(name: "x", shape: [], values: .int64s([7]))])
        #expect(try Self.row(0, of: scalar) == ["x": 7])
        let document = ModelInput.document(["prompt": "hello"])
        #expect(try Self.row(0, of: document) == ["prompt": "hello"])
    }
}
