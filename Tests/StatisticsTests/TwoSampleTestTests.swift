import Statistics
import TestSupport
import Testing

/// What holds of any test of two samples.
@Suite struct TwoSampleTestTests {
    static let tests: [(String, @Sendable ([Double], [Double]) -> Double)] = [
        ("Anderson and Darling", { AndersonDarlingTest($0, $1).pValue }),
        ("Cramér and von Mises", { CramerVonMisesTest($0, $1).pValue }),
        ("Epps and Singleton", { EppsSingletonTest($0, $1).pValue }),
        ("Mann and Whitney", { MannWhitneyTest($0, $1, law: .automatic).pValue }),
        ("Kolmogorov and Smirnov", { KolmogorovSmirnovTest($0, $1).pValue }),
    ]

    @Test(arguments: tests.indices) func theOrderOfSamplesAndOfRowsDoesNotMatter(index: Int) {
        var numbers = SeededNumbers(seed: 1)
        let test = Self.tests[index].1
        for _ in 0..<20 {
            let a = numbers.normals(17).map { ($0 * 3).rounded() }
            let b = numbers.normals(23, mean: 0.5).map { ($0 * 3).rounded() }
            let p = test(a, b)
            #expect((0...1).contains(p))
            #expect(abs(p - test(b, a)) < 1e-9)
            #expect(abs(p - test(a.shuffled(using: &numbers), b.reversed())) < 1e-9)
        }
    }

    @Test(arguments: tests.indices) func fartherApartIsLessLikely(index: Int) {
        var numbers = SeededNumbers(seed: 2)
        let (a, b) = (numbers.normals(60), numbers.normals(60))
        let p = [0.5, 1, 1.5].map { shift in Self.tests[index].1(a, b.map { $0 + shift }) }
        #expect(p[0] >= p[1] && p[1] >= p[2])
    }

    @Test(arguments: tests.indices) func alarmsAsOftenAsItSaysWithoutDrift(index: Int) {
        var numbers = SeededNumbers(seed: 3)
        let alarms = (0..<600).count { _ in Self.tests[index].1(numbers.normals(30), numbers.normals(40)) <= 0.05 }
        #expect((10...48).contains(alarms), "\(Self.tests[index].0): \(alarms)")
    }

    @Test func exactAndLimitingLawsMeet() {
        var numbers = SeededNumbers(seed: 4)
        for _ in 0..<10 {
            let (a, b) = (numbers.normals(16), numbers.normals(18, mean: 0.5))
            let exact = CramerVonMisesTest(a, b, law: .exact).pValue
            #expect(abs(exact - CramerVonMisesTest(a, b, law: .limit).pValue) < 0.012)
            let smaller = MannWhitneyTest(a, b).pValue
            #expect(abs(smaller - MannWhitneyTest(Array(a.prefix(8)), b, law: .automatic).pValue) <= 1)
        }
        // Nothing but one order of all is as extreme.
        let apart = CramerVonMisesTest([1, 2, 3], [4, 5, 6], law: .exact)
        #expect(abs(apart.pValue - 2.0 / 20) < 1e-12)
        let below = MannWhitneyTest([1, 2, 3], [4, 5, 6], alternative: .less, law: .automatic)
        #expect(abs(below.pValue - 1.0 / 20) < 1e-12)
    }

    @Test func samplesThatATestCannotTakeGiveNoNumber() {
        #expect(EppsSingletonTest([1, 1, 1, 1, 1], [1, 1, 1, 1, 1]).pValue.isNaN)
        #expect(EppsSingletonTest([1, 2], [3, 4]).pValue.isNaN)
        let (fives, sixes) = ([Double](repeating: 5, count: 6), [Double](repeating: 6, count: 6))
        #expect(EppsSingletonTest(fives, sixes).pValue == 0)
        #expect(TTest.welch(Moments(fives), Moments(sixes)).pValue == 0)
        #expect(AndersonDarlingTest([1, 1], [1, 1]).pValue.isNaN)
        #expect(CramerVonMisesTest([1], [2, 3]).pValue.isNaN)
        #expect(MannWhitneyTest([1, 1], [1, 1]).pValue == 1)
        #expect(TTest.student(Moments([1, 1]), Moments([1, 1])).pValue.isNaN)
    }
}
