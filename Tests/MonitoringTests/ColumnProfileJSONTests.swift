import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct ColumnProfileJSONTests {
    private func stored(_ profile: ColumnProfile) throws -> ColumnProfile {
        let anchors = try ColumnAnchors(json: JSON.parse(profile.anchors.json.text))
        return try ColumnProfile(json: JSON.parse(profile.json.text), anchors: anchors)
    }

    @Test func numbersComeBackExactly() throws {
        var numbers = SeededNumbers(seed: 1)
        let anchors = ColumnAnchors(reference: numbers.normals(1_000).map { .number($0) })
        var profile = ColumnProfile(numbers.normals(50).map { .number($0) }, anchors: anchors)
        for value: ColumnValue in [.missing, .text("x"), .number(.nan), .number(-.infinity)] { profile.add(value) }
        #expect(try stored(profile) == profile)
        let empty = ColumnProfile(anchors: anchors)
        #expect(try stored(empty) == empty)
    }

    @Test func namesComeBackExactly() throws {
        let anchors = ColumnAnchors(reference: ["b", "a", "b", "ö \"q\""].map { .text($0) })
        let values = ["a", "new", "new", "b", ""].map { ColumnValue.text($0) }
        let profile = ColumnProfile(values + [.missing], anchors: anchors)
        #expect(try stored(profile) == profile)
    }

    @Test func aWindowOfFiftyRowsIsSmall() {
        var numbers = SeededNumbers(seed: 1)
        let anchors = ColumnAnchors(reference: numbers.normals(1_000).map { .number($0) })
        let profile = ColumnProfile(numbers.normals(50).map { .number($0) }, anchors: anchors)
        #expect(profile.json.text.utf8.count < 2_500)
    }

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
