import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Rows that come twice, and rows of another width, through the prediction log.
@Suite(.timeLimit(.minutes(5))) struct RowQualityTests {
    private func fixture(_ spec: String) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(spec)
        return fixture
    }

    private func found(_ code: String, in fixture: MonitoringFixture) async throws -> [[Finding]] {
        try await fixture.windows().map { window in window.findings.filter { $0.code == code } }
    }

    @Test func rowsThatComeAgainAndAgainAreDuplicates() async throws {
        let fixture = try await fixture("{endpoint: clinic, window: {rows: 100}}")
        let rows = PatientTable(200, seed: 2).rows.map(\.inputs)
        try await fixture.predict(Array(rows.prefix(100)))
        // Forty rows are like the twentieth, and their columns come in another order.
        let again = JSON.members((rows[120].memberList ?? []).reversed().map { ($0.key, $0.value) })
        try await fixture.predict(rows[100..<160] + Array(repeating: again, count: 40))
        await fixture.observe()
        let found = try await found("duplicates", in: fixture)
        #expect(found.map(\.count) == [0, 1])
        let finding = try #require(found[1].first)
        #expect(finding.verdict == .bad && finding.value == 0.4 && finding.expected == 0)
        #expect(finding.rows == 100 && finding.referenceRows == 400)
        #expect(finding.words.contains("40 of 100 rows"))
    }

    @Test func theManifestSaysHowManyAreTooMany() async throws {
        for (limit, verdicts) in [("0.5", []), ("off", []), ("0.3", [Finding.Verdict.bad])] {
            let fixture = try await fixture("{endpoint: clinic, window: {rows: 100}, quality: {duplicates: \(limit)}}")
            let rows = PatientTable(60, seed: 3).rows.map(\.inputs)
            try await fixture.predict(rows + Array(repeating: rows[0], count: 40))
            await fixture.observe()
            #expect(try await found("duplicates", in: fixture).map { $0.map(\.verdict) } == [verdicts], "\(limit)")
        }
    }

    @Test func rowsOfFewValuesAreAlikeInTheReferenceToo() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 100}, reference: {previous: 2}, alarms: {windows: 1}}")
        var numbers = SeededNumbers(seed: 4)
        let rows = (0..<500).map { _ -> JSON in
            [
                "ward": .string(["north", "south"][Int(numbers.uniform() * 2)]),
                "smokes": .bool(numbers.uniform() < 0.5),
            ]
        }
        try await fixture.predict(rows)
        await fixture.observe()
        #expect(try await fixture.windows().count == 5)
        #expect(try await found("duplicates", in: fixture).allSatisfy(\.isEmpty))
    }

    @Test func aWindowThatIsLargerThanTheReferenceMayHaveMore() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(30, seed: 5))
        try await fixture.apply("{endpoint: clinic, window: {rows: 400}}")
        let rows = PatientTable(200, seed: 6).rows.map(\.inputs)
        // Each comes twice: among thirty of four hundred rows hardly any two would be the same, which chance explains.
        try await fixture.predict(rows + rows)
        // One comes all the time: that is seen among thirty rows too.
        try await fixture.predict(Array(rows.prefix(100)) + Array(repeating: rows[0], count: 300))
        await fixture.observe()
        let found = try await found("duplicates", in: fixture)
        // Counted by registers, so nearly.
        #expect(found.map(\.count) == [0, 0] || found.map(\.count) == [0, 1])
        #expect(found.first?.isEmpty == true)
    }

    @Test func rowsOfAnotherWidthAreOfAnotherDimension() async throws {
        let fixture = try await fixture(
            "{endpoint: clinic, window: {rows: 100}, reference: {previous: 2}, alarms: {windows: 1}}")
        func vectors(_ count: Int, _ width: Int) -> [JSON] {
            (0..<count).map { row in .array((0..<width).map { .integer(Int64(($0 + row) % 5)) }) }
        }
        // Longer vectors are one value each, and still as long as they are.
        try await fixture.predict(vectors(200, 80))
        try await fixture.predict(vectors(80, 80) + vectors(20, 79))
        await fixture.observe()
        let found = try await found("dimension", in: fixture)
        #expect(found.map(\.count) == [0, 0, 1])
        let finding = try #require(found[2].first)
        #expect(finding.verdict == .bad && finding.value == 0.2)
        #expect(finding.words.contains("20 of 100 rows") && finding.words.contains("80 inputs"))
        #expect(finding.words.contains("most of them 79"))
    }

    @Test func whatTheFirstRowsHadTellsWhatIsMissingLater() async throws {
        let fixture = try await fixture("{endpoint: clinic, window: {rows: 100}}")
        try await fixture.predict(PatientTable(600, seed: 7))
        let rows = PatientTable(100, seed: 8).rows.map(\.inputs)
        let narrow = rows.suffix(30).map { JSON.members(($0.memberList ?? []).prefix(2).map { ($0.key, $0.value) }) }
        try await fixture.predict(rows.prefix(70) + narrow)
        await fixture.observe()
        let found = try await found("dimension", in: fixture)
        #expect(found.map(\.count) == [0, 0, 0, 0, 0, 0, 1])
        #expect(found.last?.first?.words.contains("4 inputs") == true)
        let quiet = try await self.fixture("{endpoint: clinic, window: {rows: 100}, quality: {shape: off}}")
        try await quiet.predict(PatientTable(600, seed: 7))
        try await quiet.predict(rows.prefix(70) + narrow)
        await quiet.observe()
        #expect(try await self.found("dimension", in: quiet).allSatisfy(\.isEmpty))
    }

    @Test func widthsMergeExactlyThoughTheyAreBounded() {
        var numbers = SeededNumbers(seed: 9)
        var whole = RowWidths()
        var parts = Array(repeating: RowWidths(), count: 4)
        for _ in 0..<2_000 {
            let width = Int(numbers.uniform() * 100)
            whole.add(width)
            parts[Int(numbers.uniform() * 4)].add(width)
        }
        var merged = RowWidths()
        for part in parts { merged.merge(part) }
        #expect(merged == whole && whole.counts.count == RowWidths.limit && whole.others > 0)
    }
}
