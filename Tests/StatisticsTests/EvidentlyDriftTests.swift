import Statistics
import Testing

/// Numbers that Evidently 0.7.23 gave for the same columns.
@Suite struct EvidentlyDriftTests {
    static let reference = numbers(600)
    static let large = numbers(1_400)
    static let current = RawColumn.decimals((0..<150).map { Double($0 * 7_919 % 1_009) / 80 + 0.4 })
    static let names = RawColumn(names: nameRows(300, ["red", "green", "blue", "black"], 3, 11))
    static let newNames = RawColumn(names: nameRows(120, ["red", "green", "blue", "white"], 5, 13))

    static func numbers(_ count: Int) -> RawColumn {
        .decimals((0..<count).map { Double($0 * 7_919 % 1_009) / 100 })
    }

    static func nameRows(_ count: Int, _ names: [String], _ step: Int, _ modulus: Int) -> [String] {
        (0..<count).map { names[($0 * $0 + step * $0) % modulus % 4] }
    }

    private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * abs(b) + 1e-12 }

    @Test func theSizeOfTheReferenceChoosesBetweenTestAndDistance() throws {
        let small = try EvidentlyDrift(reference: Self.reference, current: Self.current)
        #expect(small.test == .kolmogorovSmirnov && small.isDrifted)
        #expect(isClose(small.score, 1.5893661724579288e-06))
        let large = try EvidentlyDrift(reference: Self.large, current: Self.current)
        #expect(large.test == .wasserstein && large.threshold == 0.1)
        #expect(isClose(large.score, 0.5846448600155826))
    }

    @Test func namesAreTestedOrMeasuredToo() throws {
        let small = try EvidentlyDrift(reference: Self.names, current: Self.newNames)
        #expect(small.test == .chiSquare && small.score == 0 && small.isDrifted)
        guard case .categories(let codes, let names) = Self.names else { return }
        let large = RawColumn.categories(codes: Array(repeating: codes, count: 5).flatMap { $0 }, names: names)
        let distance = try EvidentlyDrift(reference: large, current: Self.newNames)
        #expect(distance.test == .jensenShannon)
        #expect(isClose(distance.score, 0.4437619840347185))
    }

    @Test(arguments: [(EvidentlyTest.stabilityIndex, 1.3443227460505678), (.hellinger, 0.3263951813446242)])
    func aTestThatIsAskedForIsTaken(test: EvidentlyTest, score: Double) throws {
        let reference = test == .hellinger ? Self.reference : Self.large
        let drift = try EvidentlyDrift(reference: reference, current: Self.current, test: test)
        #expect(isClose(drift.score, score))
    }

    @Test func twoValuesAreSharesWhateverTheirKind() throws {
        let reference = RawColumn.decimals((0..<80).map { Double($0 % 2) })
        let current = RawColumn.decimals((0..<60).map { $0 % 3 == 0 ? 0 : 1 })
        let drift = try EvidentlyDrift(reference: reference, current: current)
        #expect(drift.test == .proportions)
        #expect(isClose(drift.score, 0.04860657067343577))
    }

    @Test func binsOfWholeNumbersAreNoNarrowerThanOne() throws {
        let (a, b) = ([1.0, 2, 3, 1, 2, 3], [1.0, 2, 2, 1])
        let whole = try EvidentlyDrift(
            reference: .integers(a), current: .integers(b), type: .numerical, test: .hellinger)
        #expect(isClose(whole.score, 0.12000600129373219))
        let decimal = try EvidentlyDrift(reference: .decimals(a), current: .decimals(b), test: .hellinger)
        #expect(isClose(decimal.score, 0.42837299059613193))
    }

    @Test func theExactTestOfTwoCategoriesNeedsSamplesOfOneSize() throws {
        let reference = RawColumn(names: (0..<60).map { $0 % 2 == 0 ? "a" : "b" })
        let current = RawColumn(names: (0..<60).map { $0 % 3 == 0 ? "a" : "b" })
        let drift = try EvidentlyDrift(reference: reference, current: current, test: .fisher)
        #expect(isClose(drift.score, 0.09517408734609471))
        #expect(throws: EvidentlyRefusal.self) {
            try EvidentlyDrift(reference: reference, current: current[0..<50], test: .fisher)
        }
    }

    @Test func columnsAreOfTheKindThatEvidentlyReadsIntoThem() {
        #expect(EvidentlyColumnType(.integers((0..<50).map { Double($0 % 10) })) == .categorical)
        #expect(EvidentlyColumnType(.integers((0..<50).map { Double($0 % 11) })) == .numerical)
        #expect(EvidentlyColumnType(.decimals([1, 1])) == .numerical)
        #expect(EvidentlyColumnType(RawColumn(names: ["a", "b", "a", "b"])) == .categorical)
        #expect(EvidentlyColumnType(RawColumn(names: ["a", "b", "c", "b"])) == .text)
    }

    @Test func missingValuesAndInfinitiesAreLeftOut() throws {
        guard case .decimals(let values) = Self.current else { return }
        let gaps = RawColumn.decimals([.nan] + values + [.infinity, -.infinity, .nan])
        let drift = try EvidentlyDrift(reference: Self.reference, current: gaps)
        #expect(drift == (try EvidentlyDrift(reference: Self.reference, current: Self.current)))
    }

    @Test(arguments: [
        (RawColumn.decimals([.nan]), EvidentlyRefusal.empty(side: "current")),
        (RawColumn(names: ["a", "a"]), .differentTypes),
    ])
    func whatCannotBeComparedIsRefusedByName(current: RawColumn, refusal: EvidentlyRefusal) {
        #expect(throws: refusal) { try EvidentlyDrift(reference: Self.reference, current: current) }
    }

    @Test func freeTextIsRefused() {
        let text = RawColumn(names: (0..<20).map { "comment \($0)" })
        #expect(throws: EvidentlyRefusal.text) { try EvidentlyDrift(reference: text, current: text) }
    }

    @Test func aDataSetDriftsWithHalfOfItsColumns() throws {
        let drifted = try EvidentlyDrift(reference: Self.reference, current: Self.current)
        let steady = try EvidentlyDrift(reference: Self.reference, current: Self.reference)
        #expect(EvidentlyDatasetDrift([drifted, steady]).isDrifted)
        let third = EvidentlyDatasetDrift([drifted, steady, steady])
        #expect(!third.isDrifted && third.driftedColumns == 1)
        #expect(!EvidentlyDatasetDrift([]).isDrifted)
    }

    @Test func cellsOfRowsBecomeAColumn() {
        #expect(RawColumn([ColumnValue.number(1), .number(2)]) == .integers([1, 2]))
        #expect(RawColumn([ColumnValue.number(1), .missing]).rows == 2)
        guard case .decimals = RawColumn([ColumnValue.number(1), .missing]) else {
            Issue.record("numbers with gaps are decimals")
            return
        }
        #expect(
            RawColumn([ColumnValue.text("a"), .missing, .text("a")]) == .categories(codes: [0, -1, 0], names: ["a"]))
    }
}
