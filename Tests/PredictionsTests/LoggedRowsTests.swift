import Runtimes
import Testing
import Wire

@testable import Predictions

@Suite struct LoggedRowsTests {
    private static func row(_ row: Int, of input: ModelInput, mask: ColumnMask = ColumnMask()) throws -> JSON {
        var writer = JSONWriter()
        writer.write(row: row, of: input, masking: mask)
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

    @Test func hidesColumnsOfATableAndTensors() throws {
        let mask = ColumnMask(["email", "1"])
        let names = Column(name: "name", values: .strings(["ann"]))
        let addresses = Column(name: "email", values: .strings(["ann@example.org"]))
        let table = ModelInput.table(Batch(rowCount: 1, columns: [names, addresses]))
        #expect(try Self.row(0, of: table, mask: mask) == ["name": "ann", "email": nil])
        let tensor = Tensor(name: "email", shape: [1, 2], values: .int64s([5, 6]))
        #expect(try Self.row(0, of: .tensors([tensor]), mask: mask) == ["email": nil])
        let matrix = Tensor(shape: [1, 3], values: .int64s([5, 6, 7]))
        #expect(try Self.row(0, of: .tensors([matrix]), mask: mask) == ["0": 5, "1": nil, "2": 7])
    }

    @Test(
        arguments: [
            (["a": 1], ["a": 1]), (["email": "x"], ["email": nil]), (["email": ["deep": ["x"]]], ["email": nil]),
            (["users": [["email": "x", "age": 3], ["age": 4]]], ["users": [["email": nil, "age": 3], ["age": 4]]]),
            (
                ["dataframe_split": ["columns": ["age", "email"], "data": [[3, "x"], [4, "y"]]]],
                ["dataframe_split": ["columns": ["age", "email"], "data": [[3, nil], [4, nil]]]]
            ),
            (["columns": ["age", "email"], "data": "x"], ["columns": ["age", "email"], "data": nil]),
            (["columns": ["email"], "data": [["x"], "y"]], ["columns": ["email"], "data": [[nil], nil]]),
            (["columns": ["age"], "data": [[["email": "x"]]]], ["columns": ["age"], "data": [[["email": nil]]]]),
            // What is within a text is not looked at.
            (["prompt": "my email is x"], ["prompt": "my email is x"]), ("email", "email"),
        ] as [(JSON, JSON)])
    func hidesMembersHoweverDeep(document: JSON, expected: JSON) throws {
        #expect(try Self.row(0, of: .document(document), mask: ColumnMask(["email"])) == expected)
    }
}
