import Statistics
import TestSupport
import Testing

@Suite struct ColumnProfileTests {
    @Test func mergingPartsGivesWhatOnePassGives() {
        var numbers = SeededNumbers(seed: 11)
        let anchors = ColumnAnchors(reference: numbers.normals(400).columnValues)
        for _ in 0..<30 {
            // Multiples of 1/1024 add up without rounding.
            let values = (0..<300).map { _ in Self.value((numbers.normal() * 2_048).rounded() / 1_024, &numbers) }
            let cut = Int.random(in: 0...300, using: &numbers)
            var merged = ColumnProfile(values[..<cut], anchors: anchors)
            merged.merge(ColumnProfile(values[cut...], anchors: anchors))
            let whole = ColumnProfile(values, anchors: anchors)
            #expect(merged.rows == whole.rows)
            #expect(merged.missing == whole.missing)
            #expect(merged.mismatched == whole.mismatched)
            guard case .numeric(let a) = merged.content, case .numeric(let b) = whole.content else {
                Issue.record("the column is numeric")
                return
            }
            #expect(a.counts == b.counts)
            #expect(a.sums == b.sums)
            #expect((a.minimum, a.maximum) == (b.minimum, b.maximum))
            #expect(
                [a.notANumber, a.negativeInfinities, a.positiveInfinities]
                    == [b.notANumber, b.negativeInfinities, b.positiveInfinities])
            #expect(abs(a.moments.m2 - b.moments.m2) < 1e-9 * b.moments.m2)
        }
    }

    private static func value(_ number: Double, _ numbers: inout SeededNumbers) -> ColumnValue {
        switch Int.random(in: 0..<20, using: &numbers) {
        case 0: .missing
        case 1: .text("n/a")
        case 2: .number(.nan)
        case 3: .number(.infinity)
        case 4: .number(-.infinity)
        default: .number(number)
        }
    }

    @Test func mergingNamesGivesWhatOnePassGives() {
        let anchors = ColumnAnchors(reference: [.text("red"), .text("red"), .text("blue"), .missing])
        #expect(anchors == .categorical(names: ["red", "blue"]))
        let values: [ColumnValue] = [.text("blue"), .text("green"), .missing, .text("red"), .number(4), .text("green")]
        for cut in 0...values.count {
            var merged = ColumnProfile(values[..<cut], anchors: anchors)
            merged.merge(ColumnProfile(values[cut...], anchors: anchors))
            #expect(merged == ColumnProfile(values, anchors: anchors))
            #expect(merged.cellCounts == [1, 1, 3])
        }
    }

    @Test func everyReferenceValueLiesBetweenTheOuterCells() {
        var numbers = SeededNumbers(seed: 5)
        for count in [1, 2, 50, 256, 257, 1_000, 5_000] {
            let values = numbers.normals(count)
            let anchors = NumericAnchors(reference: values)
            #expect(anchors.cuts.count <= NumericAnchors.binLimit + 1)
            let cells = values.map { anchors.cell(of: $0) }
            #expect(!cells.contains(0) && !cells.contains(anchors.cellCount - 1))
            let largest = Dictionary(grouping: cells) { $0 }.values.map(\.count).max() ?? 0
            #expect(largest <= count / NumericAnchors.binLimit + 1)
            #expect(anchors.cell(of: 1e300) == anchors.cellCount - 1)
            #expect(anchors.cell(of: -1e300) == 0)
        }
    }

    @Test func anchorsOfTheFirstValuesTellLaterOnesApart() {
        let anchors = NumericAnchors(reference: (0..<200).map { Double($0) / 10 })
        let widened = anchors.widened
        #expect(widened.cuts.count == anchors.cuts.count + 16)
        #expect(widened.cuts == widened.cuts.sorted())
        #expect(Set([25.0, 30, 40, 60].map { widened.cell(of: $0) }).count == 4)
        #expect(Set([-3.0, -8, -20].map { widened.cell(of: $0) }).count == 3)
        #expect(Set([25.0, 30, 40, 60].map { anchors.cell(of: $0) }).count == 1)
        let few = NumericAnchors(reference: (0..<100).map { Double($0 % 4) })
        #expect(few.widened == few)
        #expect(NumericAnchors(reference: [7]).widened == NumericAnchors(reference: [7]))
        #expect(NumericAnchors(reference: [-1e308, 1e308]).widened.cuts.allSatisfy { $0.isFinite })
    }

    @Test func fewValuesSeenOftenMakeADiscreteColumn() {
        #expect(NumericAnchors(reference: (0..<100).map { Double($0 % 4) }).isDiscrete)
        #expect(!NumericAnchors(reference: (0..<10).map { Double($0) }).isDiscrete)
        #expect(!NumericAnchors(reference: (0..<1_000).map { Double($0 % 50) }).isDiscrete)
    }

    @Test func aColumnWithoutValuesHasAnchorsToo() {
        let anchors = ColumnAnchors(reference: [.missing, .missing])
        #expect(ColumnProfile([.text("a"), .missing], anchors: anchors).cellCounts == [1])
        let numeric = ColumnAnchors(reference: [.number(.nan)])
        #expect(ColumnProfile([.number(1)], anchors: numeric).cellCounts == [1])
    }
}

extension [Double] {
    var columnValues: [ColumnValue] { map { .number($0) } }
}
