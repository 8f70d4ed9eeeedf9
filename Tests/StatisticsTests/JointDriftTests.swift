import Statistics
import TestSupport
import Testing

@Suite struct JointDriftTests {
    static let columns = ["height", "weight", "country", "note"]

    /// Height and weight go together by `slope`; countries have their shares; every tenth note is missing.
    static func rows(
        _ count: Int, _ numbers: inout SeededNumbers, slope: Double = 0.9, foreign: Double = 0.2
    ) -> MixedRows {
        let rows = (0..<count).map { _ -> [ColumnValue] in
            let height = numbers.normal()
            let weight = slope * height + (1 - slope * slope).squareRoot() * numbers.normal()
            let country = numbers.uniform() < foreign ? "FR" : "DE"
            let note = numbers.uniform() < 0.1 ? ColumnValue.missing : .number(numbers.uniform())
            return [.number(height * 10 + 170), .number(weight * 12 + 70), .text(country), note]
        }
        return MixedRows(columns: columns, rows: rows)
    }

    private func drift(_ reference: MixedRows, _ current: MixedRows, seed: UInt64 = 1) throws -> JointDrift {
        var generator = SplitMix(seed: seed)
        return try #require(
            JointDrift(reference: reference, current: current, limit: 150, permutations: 60, using: &generator))
    }

    @Test func seesThatTwoColumnsGoTogetherNoMoreThoughEachIsAsItWas() throws {
        var numbers = SeededNumbers(seed: 2)
        let drift = try drift(Self.rows(300, &numbers), Self.rows(150, &numbers, slope: -0.9))
        #expect(drift.meanDiscrepancy.pValue < 0.03)
        let classifier = try #require(drift.classifier)
        #expect(classifier.area > 0.7 && classifier.pValue < 1e-4)
        #expect(Set(drift.columns.prefix(2).map(\.column)) == ["height", "weight"])
        #expect(try #require(drift.reconstruction).isDrifted)
        #expect(drift.pValue < 0.01 && drift.effect > 0.4)
    }

    @Test func saysWhichColumnOfNamesDrifted() throws {
        var numbers = SeededNumbers(seed: 3)
        let drift = try drift(Self.rows(300, &numbers), Self.rows(150, &numbers, foreign: 0.8))
        #expect(drift.columns[0].column == "country")
        #expect(drift.columns[0].share > 0.5)
        #expect(drift.pValue < 0.01)
    }

    @Test func seesAColumnThatVanished() throws {
        var numbers = SeededNumbers(seed: 4)
        let current = Self.rows(150, &numbers)
        let without = MixedRows(
            columns: ["height", "weight", "country"], rows: current.rows.map { Array($0.prefix(3)) })
        let drift = try drift(Self.rows(300, &numbers), without)
        #expect(drift.columns[0].column == "note")
        #expect(drift.effect > 0.8)
    }

    @Test func alarmsNoMoreOftenThanItSaysWithoutDrift() throws {
        var numbers = SeededNumbers(seed: 5)
        let alarms = try (0..<30).count { trial in
            try drift(Self.rows(120, &numbers), Self.rows(60, &numbers), seed: UInt64(trial)).pValue <= 0.05
        }
        #expect(alarms <= 5, "\(alarms)")
    }

    @Test func theSameSeedSaysTheSame() throws {
        var numbers = SeededNumbers(seed: 6)
        let (a, b) = (Self.rows(200, &numbers), Self.rows(80, &numbers))
        #expect(try drift(a, b).meanDiscrepancy == drift(a, b).meanDiscrepancy)
        #expect(try drift(a, b).classifier == drift(a, b).classifier)
    }

    @Test func fewRowsAreEnoughToSayThatLittleCanBeSaid() throws {
        var numbers = SeededNumbers(seed: 7)
        let drift = try drift(Self.rows(3, &numbers), Self.rows(2, &numbers))
        #expect(drift.classifier == nil && drift.reconstruction == nil)
        #expect(drift.pValue > 0.05)
        var generator = SplitMix(seed: 1)
        for rows in 0...1 {
            let few = Self.rows(rows, &numbers)
            #expect(JointDrift(reference: few, current: Self.rows(5, &numbers), using: &generator) == nil)
        }
    }

    @Test func samplesOfProfilesAreRows() {
        var sample = RowSample(limit: 5)
        for row in 0..<20 { sample.add([.number(Double(row)), .text("a")], key: UInt64(row)) }
        let rows = MixedRows(columns: ["x", "y", "z"], sample: sample)
        #expect(rows.rows.count == 5)
        #expect(rows.column("y") == .categories(codes: [0, 0, 0, 0, 0], names: ["a"]))
        #expect(rows.column("z")?.rows == 5 && rows.column("w") == nil)
    }

    @Test func constantsAndInfinitiesAndGapsAreNoTrouble() throws {
        let odd = MixedRows(
            columns: ["a", "b", "c"],
            rows: (0..<40).map { [.number(5), $0 % 2 == 0 ? .number(.infinity) : .missing, .number(Double($0 % 3))] })
        let drift = try drift(odd, odd)
        #expect(drift.meanDiscrepancy.statistic.isFinite && drift.meanDiscrepancy.pValue > 0.05)
        #expect(drift.classifier.map { $0.area.isFinite } == true)
    }
}
