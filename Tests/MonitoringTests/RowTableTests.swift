import Predictions
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct RowTableTests {
    private static func prediction(_ inputs: String, _ output: String = "0.5", masked: [String] = []) throws
        -> Prediction
    {
        Prediction(
            id: PredictionID(request: String(repeating: "0", count: 32)), endpoint: "e", variant: "v", model: "m",
            version: 1, inputs: try JSONText(inputs), output: try JSONText(output), latencyUs: 1, caller: "ann",
            masked: masked)
    }

    /// What building the whole value says of each member.
    @Test(arguments: [
        #"{"age":41,"name":"Ada \u0041","ok":true,"none":null,"deep":{"a":[1,2]},"list":[1,"x"]}"#,
        #"{"a":1e400,"b":-0.0,"c":"NaN","d":"Infinity","e":123456789012345678901234567890}"#,
        #"{"":1," ":2,"ä\n":"ü"}"#, #"{"x":1,"x":2,"y":3}"#, "{}",
        // As Python writes it.
        #"{ "age": 41, "name": "Ada",  "z" : null, "new": 1.5 }"#,
    ]) func readsAsTheWholeValueDoes(_ inputs: String) throws {
        let other = try Self.prediction(#"{"z":1,"age":2,"ok":"yes","x":9}"#)
        let table = RowTable([other, try Self.prediction(inputs), other])
        let json = try JSON.parse(inputs)
        for (name, column) in table.inputs {
            let expected = json[name].map { ColumnValue($0) }
            let value = column.value(1)
            if case .number(let number)? = expected, number.isNaN {
                #expect("\(String(describing: value))" == "\(String(describing: expected))")
            } else {
                #expect(value == expected)
            }
        }
        #expect(json.memberList?.allSatisfy { table.inputs[$0.key] != nil } == true)
    }

    @Test func namesOutputsByMemberOrPlace() throws {
        let outputs = ["0.7", #"{"class":"yes","score":0.9}"#, "[0.1,0.9]", #""no""#, "null"]
        let table = RowTable(try outputs.map { try Self.prediction("{}", $0) })
        #expect(table.outputs.names == ["prediction", "class", "score", "prediction[0]", "prediction[1]"])
        #expect(table.outputs["prediction"]?.value(0) == .number(0.7))
        #expect(table.outputs["prediction"]?.value(3) == .text("no"))
        #expect(table.outputs["prediction[1]"]?.value(2) == .number(0.9))
        #expect(table.outputs["prediction"]?.value(4) == nil)
    }

    @Test func masksAndUnknownInputsAreNoValues() throws {
        let table = RowTable([
            try Self.prediction(#"{"age":null,"ward":"n"}"#, masked: ["age"]), try Self.prediction("null"),
        ])
        #expect(table.inputs["age"].map { [$0.cell(0), $0.cell(1)] } == [.masked, .absent])
        #expect(table.inputs["ward"].map { [$0.cell(0), $0.cell(1)] } == [.text, .absent])
        #expect(table.inputs["input"] == nil)
    }

    @Test func holdsNoMoreThanRowsHave() throws {
        // The names of later rows are new, all but those of every fifth row.
        let rows = (0..<200).map { row in
            let names = row % 5 == 0 ? [0, 1] : [2 * row, 2 * row + 1]
            return "{" + names.map { "\"w\($0)\":\($0 + row)" }.joined(separator: ",") + "}"
        }
        let table = RowTable(try rows.map { try Self.prediction($0) })
        let everyFifth = try #require(table.inputs["w1"])
        #expect(everyFifth.value(15) == .number(16))
        #expect(everyFifth.value(16) == nil)
        #expect(everyFifth.cell(199) == .absent)
        var some = RowSet()
        for row in [1, 5, 6, 7, 10, 198, 199] { some.append(row) }
        var values: [ColumnValue?] = []
        everyFifth.forEach(of: some) { values.append($0) }
        #expect(values == [.number(6), .number(11)])
        #expect(everyFifth.count(of: some) == 2)
        #expect(table.crowded.ranges.isEmpty)
        #expect(Set(table.hashes).count == 200)
    }

    @Test func tellsSoManyNamesApart() throws {
        let count = RowTable.columnLimit + 3
        let wide = "{" + (0..<count).map { "\"w\($0)\":[\($0)]" }.joined(separator: ",") + "}"
        let narrow = #"{"w0":1,"last":{"a":2}, "w1":3}"#
        let table = RowTable([
            try Self.prediction(#"{"w2":1}"#), try Self.prediction(wide), try Self.prediction(narrow),
        ])
        #expect(table.inputs.count == RowTable.columnLimit)
        #expect(table.crowded.ranges == [1..<3])
        #expect(table.widths == [1, count, 3])
        #expect(table.inputs["w1"]?.value(2) == .number(3))
        #expect(table.inputs["last"] == nil)
        // Nobody can say whether such rows are alike.
        #expect(table.hashes[0] != RowHash.nothing)
        #expect(table.hashes[1...] == [RowHash.nothing, RowHash.nothing])
    }

    @Test func readsOnlyWhatIsWatched() throws {
        let table = RowTable([try Self.prediction(#"{"age":1}"#)]) { $0 == "other" }
        #expect(table.inputs.isEmpty)
        #expect(table.isKept == [false])
    }

    @Test func countsRowsInStretches() {
        var rows = RowSet()
        for row in [1, 2, 3, 7, 8, 12] { rows.append(row) }
        #expect(rows.ranges == [1..<4, 7..<9, 12..<13])
        rows.append(13..<20)
        #expect(rows.count == 13)
        #expect(rows.filter { $0 % 2 == 0 }.count == 6)
    }
}
