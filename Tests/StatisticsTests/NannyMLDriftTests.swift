import Statistics
import Testing

/// Numbers that NannyML 0.13.1 gave for the same columns in chunks of 120 rows.
@Suite struct NannyMLDriftTests {
    static let numbers = EvidentlyDriftTests.numbers(1_000)
    static let names = RawColumn(
        names: (0..<1_000).map {
            EvidentlyDriftTests.nameRows(300, ["red", "green", "blue", "black"], 3, 11)[$0 % 300]
        })

    private func isClose(_ a: Double?, _ b: Double) -> Bool { abs((a ?? .nan) - b) <= 1e-9 * abs(b) }

    @Test(arguments: [
        (NannyMLMethod.jensenShannon, 0.3693220519275591, 0.08609199073188),
        (.kolmogorovSmirnov, 0.24166666666666667, 0.03203647585549444),
        (.wasserstein, 1.6935325000000003, 0.10798862347738909),
        (.hellinger, 0.3628675297198982, 0.0717718465438566),
    ])
    func numbersAlarmAboveWhatChunksOfTheReferenceReach(method: NannyMLMethod, value: Double, upper: Double) throws {
        let drift = try NannyMLDrift(reference: Self.numbers, method: method, chunkRows: 120)
        let verdict = drift.verdict(EvidentlyDriftTests.current[0..<120])
        #expect(isClose(verdict.value, value))
        #expect(isClose(verdict.thresholds.upper, upper))
        #expect(verdict.thresholds.lower == nil)
        #expect(verdict.isDrifted)
        #expect(!drift.verdict(Self.numbers[0..<120]).isDrifted)
    }

    @Test(arguments: [
        (NannyMLMethod.jensenShannon, 0.5330707966982495, 0.02950238799386561),
        (.largestDifference, 0.3, 0.024007771915606532), (.hellinger, 0.520548104827527, 0.024564630631327973),
    ])
    func soDoNames(method: NannyMLMethod, value: Double, upper: Double) throws {
        let drift = try NannyMLDrift(reference: Self.names, method: method, chunkRows: 120)
        let verdict = drift.verdict(EvidentlyDriftTests.newNames)
        #expect(isClose(verdict.value, value))
        #expect(isClose(verdict.thresholds.upper, upper))
    }

    @Test func theTestOfNamesAlarmsByItsPValue() throws {
        let drift = try NannyMLDrift(reference: Self.names, method: .chiSquare)
        let verdict = drift.verdict(EvidentlyDriftTests.newNames)
        #expect(isClose(verdict.value, 344.871117675792))
        #expect(verdict.thresholds == ThresholdBand(lower: nil, upper: nil))
        #expect(verdict.isDrifted && !drift.verdict(Self.names).isDrifted)
    }

    @Test func whatIsLeftOverMakesAChunkOfItsOwn() {
        #expect(NannyMLDrift.chunks(rows: 25, of: 10) == [0..<10, 10..<20, 20..<25])
        #expect(NannyMLDrift.chunks(rows: 103).count == 11)
        #expect(NannyMLDrift.chunks(rows: 4) == [0..<1, 1..<2, 2..<3, 3..<4])
        #expect(NannyMLDrift.chunks(rows: 0).isEmpty)
    }

    @Test func aChunkWithoutValuesIsNoAlarm() throws {
        let verdict = try NannyMLDrift(reference: Self.numbers).verdict(.decimals([.nan, .nan]))
        #expect(verdict.value.isNaN && !verdict.isDrifted)
    }

    @Test func columnsOfAnotherKindAreRefused() {
        #expect(throws: NannyMLRefusal.unfit(.wasserstein)) {
            try NannyMLDrift(reference: Self.names, method: .wasserstein)
        }
        #expect(throws: NannyMLRefusal.empty) { try NannyMLDrift(reference: .decimals([.nan])) }
        #expect(throws: NannyMLRefusal.infinite) { try NannyMLDrift(reference: .decimals([1, .infinity])) }
    }

    @Test func aLargeReferenceIsKnownByItsBins() throws {
        let reference = EvidentlyDriftTests.numbers(12_000)
        let fit = try NannyMLReference(reference, method: .wasserstein)
        guard case .decimals(let values) = EvidentlyDriftTests.current else { return }
        guard case .decimals(let all) = reference else { return }
        // Ten thousand bins are close to exact where the window lies within the reference.
        let inside = values.filter { $0 < 10 }
        let exact = SampleDistance.wasserstein(all, inside)
        #expect(abs(fit.value(.decimals(inside)) - exact) < 0.01 * exact)
    }
}
