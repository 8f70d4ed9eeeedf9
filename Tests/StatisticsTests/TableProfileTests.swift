import Statistics
import TestSupport
import Testing
import Wire

@Suite struct TableProfileTests {
    private let anchors = TableAnchors([
        .init(name: "age", anchors: .numeric(NumericAnchors(reference: (0..<90).map { Double($0) }))),
        .init(name: "country", anchors: .categorical(names: ["DE", "FR"])),
    ])

    private func row(_ key: Int) -> [ColumnValue] {
        [key % 11 == 0 ? .missing : .number(Double(key % 97)), .text(["DE", "FR", "IT"][key % 3])]
    }

    @Test func mergingTablesIsReadingAllRows() throws {
        var whole = TableProfile(anchors: anchors, sampleLimit: 20)
        var parts = (0..<3).map { _ in TableProfile(anchors: anchors, sampleLimit: 20) }
        for key in 0..<500 { whole.add(row(key), key: UInt64(key)) }
        for key in (0..<500).reversed() { parts[key % 7 % 3].add(row(key), key: UInt64(key)) }
        var merged = parts[1]
        merged.merge(parts[2])
        merged.merge(parts[0])
        #expect(merged == whole)
        #expect(merged.bytes == whole.bytes)
        #expect(try TableProfile(bytes: whole.bytes, anchors: anchors) == whole)
        #expect(whole.rows == 500)
        #expect(whole.sample.rows.count == 20)
        #expect(whole["country"]?.cellCounts == [167, 167, 166])
        #expect(whole["shoe size"] == nil)
    }

    @Test func anchorsComeBackFromJSON() throws {
        #expect(try TableAnchors(json: JSON.parse(anchors.json.text)) == anchors)
        #expect(throws: FieldProblem.self) {
            try ColumnAnchors(json: ["kind": "numeric", "cuts": [1, 1]])
        }
    }

    @Test func bytesOfOtherColumnsAreRefused() {
        let other = TableAnchors(Array(anchors.columns.prefix(1)))
        #expect(throws: ProfileProblem.self) {
            try TableProfile(bytes: TableProfile(anchors: anchors).bytes, anchors: other)
        }
    }

    @Test func aSampleIsTheSameWhateverTheOrderAndHasEachRowAsOften() {
        var often = [Int](repeating: 0, count: 10)
        for round in 0..<200 {
            var sample = RowSample(limit: 30)
            for key in 0..<100 {
                let id = UInt64(round * 100 + key)
                if sample.takes(key: id) { sample.add([.number(Double(key / 10))], key: id) }
            }
            var other = RowSample(limit: 30)
            for key in (0..<100).reversed() {
                other.add([.number(Double(key / 10))], key: UInt64(round * 100 + key))
                // The same row once more: it is one row still.
                other.add([.number(Double(key / 10))], key: UInt64(round * 100 + key))
            }
            #expect(sample == other)
            #expect(sample.rows.count == 30)
            for row in sample.rows { if case .number(let tenth) = row.values[0] { often[Int(tenth)] += 1 } }
        }
        // 600 expected of each tenth, with a deviation of about 20.
        for count in often { #expect(abs(count - 600) < 100) }
    }

    @Test func aSampleOfNothingTakesNothing() {
        var sample = RowSample(limit: 0)
        #expect(!sample.takes(key: 1))
        sample.add([.missing], key: 1)
        #expect(sample.rows.isEmpty)
    }
}
