import Statistics
import Testing
import Wire

@testable import Monitoring

@Suite struct TrainingTableTests {
    @Test func readsColumnsOfPandasSplitForm() throws {
        let table = try TrainingTable(json: ["columns": ["a", "b"], "data": [[1, "x"], [.null, "y"]]])
        #expect(table.rows == 2)
        #expect(table.columns.map(\.name) == ["a", "b"])
        #expect(table.columns[0].values == [.number(1), .missing])
        #expect(table.columns[1].values == [.text("x"), .text("y")])
    }

    @Test func refusesOtherFormsAndRaggedRows() {
        #expect(throws: MonitorError.self) { try TrainingTable(json: [["a": 1]]) }
        let error = #expect(throws: MonitorError.self) {
            try TrainingTable(json: ["columns": ["a", "b"], "data": [[1, 2], [3]]])
        }
        #expect(error?.message.contains("Row 1") == true)
    }
}
