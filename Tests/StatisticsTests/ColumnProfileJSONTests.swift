import Statistics
import TestSupport
import Testing
import Wire

@Suite struct ColumnProfileJSONTests {
    private func stored(_ profile: ColumnProfile) throws -> ColumnProfile {
        let anchors = try ColumnAnchors(json: JSON.parse(profile.anchors.json.text))
        return try ColumnProfile(json: JSON.parse(profile.json.text), anchors: anchors)
    }

    @Test func numbersComeBackExactly() throws {
        var numbers = SeededNumbers(seed: 1)
        let anchors = ColumnAnchors(reference: numbers.normals(1_000).columnValues)
        var profile = ColumnProfile(numbers.normals(50).columnValues, anchors: anchors)
        for value: ColumnValue in [.missing, .text("x"), .number(.nan), .number(-.infinity)] {
            profile.add(value)
        }
        profile.add(true)
        #expect(try stored(profile) == profile)
        let empty = ColumnProfile(anchors: anchors)
        #expect(try stored(empty) == empty)
    }

    @Test func namesComeBackExactly() throws {
        let anchors = ColumnAnchors(reference: ["b", "a", "b", "ö \"q\""].map { .text($0) })
        let values = ["a", "new", "new", "b", ""].map { ColumnValue.text($0) }
        var profile = ColumnProfile(values + [.missing], anchors: anchors)
        profile.add(false)
        #expect(try stored(profile) == profile)
    }

    @Test func aWindowOfFiftyRowsIsSmall() {
        var numbers = SeededNumbers(seed: 1)
        let anchors = ColumnAnchors(reference: numbers.normals(1_000).columnValues)
        let profile = ColumnProfile(numbers.normals(50).columnValues, anchors: anchors)
        #expect(profile.bytes.count < 1_200)
        #expect(profile.json.text.utf8.count < 2_500)
    }

    @Test func whatFormerVersionsStoredIsReadStill() throws {
        let anchors = ColumnAnchors.numeric(NumericAnchors(cuts: [0, 1, 2, 3], isDiscrete: false))
        // Of 0.5, 0.5, 1.5, 2.5, 7, a NaN, an infinity and two gaps.
        let former: JSON = [
            "rows": 9, "missing": 1, "mismatched": 1, "nan": 1, "negative_infinities": 0, "positive_infinities": 1,
            "moments": [5, 2.4, 29.2, 105.36, 523.9456], "minimum": 0.5, "maximum": 7,
            "cells": [[1, 2, 1], [2, 1, 1.5], [3, 1, 2.5], [4, 2, 7]],
        ]
        let profile = try ColumnProfile(json: former, anchors: anchors)
        #expect((profile.rows, profile.missing, profile.mismatched, profile.unusable) == (9, 1, 1, 3))
        #expect(profile.cellCounts == [0, 2, 1, 1, 2])
        guard case .numeric(let numeric) = profile.content else {
            Issue.record("the column is numeric")
            return
        }
        #expect(numeric.sums == [0, 1, 1.5, 2.5, 7])
        #expect((numeric.minimum, numeric.maximum) == (0.5, 7))
        #expect(numeric.mean == 2.4)
        for (got, want) in zip([numeric.moments.m2, numeric.moments.m3, numeric.moments.m4], [29.2, 105.36, 523.9456]) {
            #expect(abs(got - want) < 1e-6 * want)
        }
        #expect(try stored(profile) == profile)

        let names = ColumnAnchors.categorical(names: ["a", "b"])
        let formerNames: JSON = [
            "rows": 6, "missing": 1, "mismatched": 0, "counts": [2, 1], "other": 2, "newcomers": ["c": 2],
        ]
        let categories = try ColumnProfile(json: formerNames, anchors: names)
        #expect(categories == ColumnProfile(["a", "a", "b", "c", "c"].map { .text($0) } + [.missing], anchors: names))
    }
}
