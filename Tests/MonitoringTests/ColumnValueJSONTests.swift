import Statistics
import Testing
import Wire

@testable import Monitoring

@Suite struct ColumnValueJSONTests {
    @Test func cellsOfJSONBecomeValues() {
        let cells: [JSON?] = [nil, .null, 3, 2.5, true, "x", "NaN", "-Infinity"]
        let values = cells.map { ColumnValue($0) }
        #expect(
            values.prefix(6) + values.suffix(1) == [
                .missing, .missing, .number(3), .number(2.5), .text("true"), .text("x"), .number(-.infinity),
            ])
        guard case .number(let number) = values[6] else {
            Issue.record("NaN is a number")
            return
        }
        #expect(number.isNaN)
    }
}
