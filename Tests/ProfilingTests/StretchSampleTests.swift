import Statistics
import TestSupport
import Testing

@testable import Profiling

@Suite struct StretchSampleTests {
    private static let limit = StretchSample.limit

    private static func streamed(_ numbers: [Double]) -> StretchSample {
        var sample = StretchSample()
        for number in numbers { sample.add(number) }
        return sample
    }

    @Test func allOfAShortStreamAreInIt() {
        let numbers = (0..<Self.limit - 1).map(Double.init)
        #expect(Self.streamed(numbers).numbers == numbers)
    }

    @Test(arguments: [limit, limit + 1, 2 * limit - 1, 3 * limit + 7, 20 * limit + 12_345])
    func aLongOneIsSampledEvenlyAndInOrder(count: Int) {
        let sample = Self.streamed((0..<count).map(Double.init)).numbers
        #expect(sample.count >= Self.limit / 2 && sample.count < Self.limit)
        let steps = zip(sample.dropFirst(), sample).map { $0 - $1 }
        let stretch = Double(count / sample.count)
        #expect(steps.allSatisfy { $0 > 0 && $0 < 4 * stretch + 4 })
        let mean = sample.reduce(0, +) / Double(sample.count)
        #expect(abs(mean / Double(count - 1) - 0.5) < 0.01)
    }

    @Test func itDoesNotKeepStepWithTheData() {
        // Two values in turn: half of the sample is each.
        let sample = Self.streamed((0..<10 * Self.limit).map { Double($0 % 2) }).numbers
        let share = sample.reduce(0, +) / Double(sample.count)
        #expect(abs(share - 0.5) < 0.02)
    }

    @Test(arguments: [0, 1, 1_000, limit, 5 * limit + 99])
    func allAtOnceIsTheSame(count: Int) {
        let numbers = (0..<count).map { Double($0 * $0 % 1_001) }
        #expect(StretchSample(of: numbers).numbers == Self.streamed(numbers).numbers)
    }

    @Test func cutsReachTheEndsOfAllNumbersAndAreFinite() {
        let greatest = Double.greatestFiniteMagnitude
        var numbers = SeededNumbers(seed: 1)
        let many = NumericAnchors(reference: numbers.normals(2_000))
        let few = NumericAnchors(reference: (0..<100).map { Double($0 % 3) })
        #expect(many.reaching(-50, 50).cuts.first == -50 && many.reaching(-50, 50).cuts.last == 50.nextUp)
        #expect(few.reaching(-1, 9).cuts == [-1, 0, 1, 2, 9, 9.0.nextUp])
        for anchors in [many, few, NumericAnchors(reference: [greatest]), NumericAnchors(reference: [1, greatest])] {
            let reaching = anchors.reaching(-greatest, greatest)
            #expect(reaching.cuts.allSatisfy { $0.isFinite })
            #expect(reaching.cuts == reaching.cuts.sorted() && Set(reaching.cuts).count == reaching.cuts.count)
            #expect(reaching.cuts.first == -greatest && reaching.cuts.last == greatest)
            var profile = ColumnProfile(anchors: .numeric(reaching))
            profile.add(.number(greatest))
            profile.add(.number(-greatest))
            profile.add(.number(0.5))
            #expect(profile.rows == 3)
        }
    }
}
