import Statistics
import TestSupport
import Testing

@Suite struct SketchTests {
    @Test func quantilesLieWithinOnePerCent() {
        var numbers = SeededNumbers(seed: 31)
        let laws: [[Double]] = [
            numbers.normals(3_000), numbers.normals(3_000).map { $0 * $0 * $0 * 1e-12 },
            numbers.normals(50).map { 1e20 + $0 },
            (0..<1_000).map { Double($0) }, [0, 0, 0, -1, 1],
        ]
        for values in laws {
            let sorted = values.sorted()
            let sketch = QuantileSketch(values)
            #expect(sketch.count == values.count)
            for q in [0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1] {
                let exact = sorted[Int(q * Double(values.count - 1))]
                let got = sketch.quantile(q) ?? .nan
                #expect(abs(got - exact) <= QuantileSketch.relativeError * abs(exact) * (1 + 1e-12), "\(q)")
            }
        }
    }

    @Test func quantilesOfNothingAreNotThere() {
        #expect(QuantileSketch().quantile(0.5) == nil)
    }

    @Test func magnitudesBeyondTheRangeStayInOrder() {
        let sketch = QuantileSketch([1e300, -1e300, 1e-300, 5])
        #expect((sketch.quantile(0) ?? 0) < -1e29)
        #expect(sketch.quantile(0.4) == 0)
        #expect((sketch.quantile(1) ?? 0) > 1e29)
    }

    @Test(arguments: [1, 100, 128, 129, 1_000, 30_000]) func differentValuesAreCounted(count: Int) {
        var distinct = DistinctCount()
        var halves = [DistinctCount(), DistinctCount()]
        for value in 0..<count {
            for _ in 0..<2 {
                distinct.add(hash: ItemHash.of(Double(value)))
                halves[value % 2].add(hash: ItemHash.of(Double(value)))
            }
        }
        var merged = halves[0]
        merged.merge(halves[1])
        #expect(merged == distinct)
        halves[1].merge(halves[0])
        #expect(halves[1] == distinct)
        #expect(distinct.isExact == (count <= DistinctCount.exactLimit))
        #expect(abs(distinct.estimate - Double(count)) <= (distinct.isExact ? 0 : 0.05 * Double(count)))
    }

    @Test func hashesOfTextsDependOnEveryByte() {
        var hashes: Set<UInt64> = []
        for length in 0..<40 {
            let text = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            hashes.insert(ItemHash.of(String(decoding: text, as: UTF8.self)))
            for place in 0..<length {
                var other = text
                other[place] = UInt8(ascii: "y")
                hashes.insert(ItemHash.of(String(decoding: other, as: UTF8.self)))
            }
        }
        #expect(hashes.count == 40 + 39 * 40 / 2)
    }

    @Test func shapesTellWhatTextsLookLike() {
        let texts = ["DE-4711", "FR-8", "de", "", " Ünïcode 12", "a.b@c.de"]
        #expect(texts.map { StringShapes.shape(of: $0) } == ["A-9", "A-9", "a", "", " ¤a¤a 9", "a.a@a.a"])
        var shapes = StringShapes()
        for text in texts { shapes.add(text) }
        #expect(shapes.shapes.counts["A-9"] == 2)
        #expect(shapes.lengths.reduce(0, +) == 6)
        #expect(shapes.lengths[4] == 1)
        for length in [0, 1, 15, 16, 19, 20, 31, 32, 39, 40, 1_000, 65_535] {
            let bucket = StringShapes.lengthBucket(length)
            #expect(StringShapes.leastLength(ofBucket: bucket) <= length)
            #expect(StringShapes.leastLength(ofBucket: bucket + 1) > length)
        }
    }
}
