import Artifacts
import Blobs
import Database
import Incidents
import NIOCore
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Modes of other tools, as users meet them: a manifest, traffic through the prediction log, and findings that are to the last
/// digit what the tool says of the same rows.
@Suite(.timeLimit(.minutes(5))) struct ToolDriftTests {
    private static let training = PatientTable(400, seed: 1)
    private static let names = ["radius", "texture", "smokes", "ward"]

    private func fixture(_ drift: String, rest: String = "window: {rows: 50}") async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: Self.training)
        try await fixture.apply("{endpoint: clinic, \(rest), drift: {\(drift)}}")
        return fixture
    }

    private func column(_ name: String, of rows: some Sequence<PatientTable.Row>) -> RawColumn {
        RawColumn(rows.map { ColumnValue($0.inputs[name]) })
    }

    private func expectEvidently(
        _ window: MonitorWindow, is rows: some Sequence<PatientTable.Row>,
        against reference: some Sequence<PatientTable.Row> = Self.training.rows
    ) throws {
        for name in Self.names {
            let finding = try #require(window.columns.first { $0.subject == name })
            let drift = try EvidentlyDrift(reference: column(name, of: reference), current: column(name, of: rows))
            #expect(finding.value == drift.score && finding.limit == drift.threshold, "\(name)")
            #expect(finding.test == drift.test.rawValue)
            #expect((finding.verdict == .bad) == drift.isDrifted)
        }
    }

    @Test func evidentlyDecidesAsEvidentlyDoes() async throws {
        let fixture = try await fixture("mode: evidently")
        let traffic = [PatientTable(50, seed: 2), PatientTable(50, seed: 3, scale: 1.5), PatientTable(50, seed: 4)]
        for table in traffic { try await fixture.predict(table) }
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.count == 3)
        for (window, table) in zip(windows, traffic) { try expectEvidently(window, is: table.rows) }
        #expect(windows[1].drifting.contains("radius"))
        let finding = try #require(windows[1].columns.first { $0.subject == "radius" })
        #expect(finding.rows == 50 && finding.referenceRows == 400)
        #expect(finding.words.contains("50 sampled rows of 50 against 400"))
        #expect(finding.details["kind"] == "numeric" && finding.details["mode"] == "evidently")
        #expect(
            !windows.flatMap(\.findings).contains { $0.code == Finding.jointDriftCode }, "It is nothing of that tool's."
        )
    }

    @Test func nannyMLDecidesAsNannyMLDoes() async throws {
        let fixture = try await fixture("mode: nannyml")
        let traffic = [PatientTable(50, seed: 2), PatientTable(50, seed: 3, scale: 2)]
        for table in traffic { try await fixture.predict(table) }
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(windows.count == 2)
        for (window, table) in zip(windows, traffic) {
            for name in Self.names {
                let finding = try #require(window.columns.first { $0.subject == name })
                // The order of the reference's rows tells where its chunks begin.
                let drift = try NannyMLDrift(reference: column(name, of: Self.training.rows), chunkRows: 50)
                let verdict = drift.verdict(column(name, of: table.rows))
                #expect(finding.value == verdict.value && finding.limit == verdict.thresholds.upper, "\(name)")
                #expect(finding.test == "jensen_shannon")
                #expect((finding.verdict == .bad) == verdict.isDrifted)
            }
        }
        #expect(windows[1].drifting.contains("radius"))
    }

    @Test func whatWasSeenBeforeARestartCounts() async throws {
        let first = try await fixture("mode: evidently")
        let table = PatientTable(50, seed: 5)
        var (before, after) = (table, table)
        before.rows = Array(table.rows.prefix(30))
        after.rows = Array(table.rows.suffix(20))
        try await first.predict(before)
        await first.observe()
        let second = try await first.restarted()
        try await second.predict(after)
        await second.observe()
        try expectEvidently(try #require(try await second.windows().first), is: table.rows)
    }

    @Test func formerWindowsAreAReferenceToo() async throws {
        let fixture = try await fixture(
            "mode: evidently", rest: "window: {rows: 50}, reference: {previous: 2}, alarms: {windows: 1}")
        let table = PatientTable(150, seed: 6)
        try await fixture.predict(table)
        await fixture.observe()
        let windows = try await fixture.windows()
        #expect(
            windows.map { $0.columns.filter { $0.verdict != .unknown }.count } == [0, 0, 5],
            "Four inputs and the answer.")
        try expectEvidently(windows[2], is: table.rows.suffix(50), against: table.rows.prefix(100))
    }

    @Test func productionIsAReferenceToo() async throws {
        let fixture = try await MonitoringFixture()
        let table = PatientTable(200, seed: 7)
        let from = fixture.clock.now
        var (before, after) = (table, table)
        before.rows = Array(table.rows.prefix(150))
        after.rows = Array(table.rows.suffix(50))
        try await fixture.predict(before)
        fixture.clock.advance(by: 1)
        let to = fixture.clock.now
        await fixture.observe()
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 50}, drift: {mode: evidently}, "
                + "reference: {from: '\(from.iso8601)', to: '\(to.iso8601)'}}")
        try await fixture.predict(after)
        await fixture.observe()
        let window = try #require(try await fixture.windows().first)
        try expectEvidently(window, is: after.rows, against: before.rows)
        #expect(window.columns.contains { $0.subject == "prediction" && $0.referenceRows == 150 })
    }

    @Test func aReferenceThatWasMadeBeforeRowsWereKeptIsMadeAgain() async throws {
        let fixture = try await fixture("mode: evidently")
        let table = PatientTable(100, seed: 11)
        var (before, after) = (table, table)
        before.rows = Array(table.rows.prefix(50))
        after.rows = Array(table.rows.suffix(50))
        try await fixture.predict(before)
        await fixture.observe()
        try await fixture.database.write { _ = try $0.execute("DELETE FROM monitor_reference_rows") }
        try await fixture.predict(after)
        await fixture.observe()
        let windows = try await fixture.windows()
        try expectEvidently(windows[1], is: after.rows)
    }

    @Test func aFileIsAReferenceToo() async throws {
        let fixture = try await MonitoringFixture()
        let rows = PatientTable(120, seed: 12)
        let bytes = ByteBuffer(string: rows.splitJSON.text)
        try await fixture.artifacts.blobs.put(
            BlobKey("references/rows.json"),
            AsyncThrowingStream { continuation in
                continuation.yield(bytes)
                continuation.finish()
            })
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 50}, drift: {mode: evidently}, reference: {file: references/rows.json}}")
        let table = PatientTable(50, seed: 13)
        try await fixture.predict(table)
        await fixture.observe()
        try expectEvidently(try #require(try await fixture.windows().first), is: table.rows, against: rows.rows)
    }

    @Test func rowsOfAllServersCount() async throws {
        let first = try await MonitoringFixture()
        try await first.train(version: 1, on: Self.training)
        try await first.apply("{endpoint: clinic, window: {minutes: 5}, drift: {mode: evidently}}")
        // Another server of the same database, with a prediction log of its own.
        let second = try await MonitoringFixture(home: first.home, clock: first.clock, runIDs: first.runIDs)
        let table = PatientTable(160, seed: 14)
        for (number, row) in table.rows.enumerated() {
            try await (number % 3 == 0 ? first : second).predict([row.inputs])
        }
        for fixture in [first, second] { await fixture.count() }
        first.clock.advance(by: 300_000)
        await second.observe()
        let window = try #require(try await second.windows().first)
        #expect(window.rows == 160)
        try expectEvidently(window, is: table.rows)
    }

    @Test func maskedColumnsAreNeitherKeptNorCompared() async throws {
        let fixture = try await fixture("mode: evidently")
        try await fixture.predict(PatientTable(50, seed: 8), policy: LogPolicy(mask: ColumnMask(["radius"])))
        await fixture.observe()
        let window = try #require(try await fixture.windows().first)
        #expect(window.columns.map(\.subject) == ["texture", "smokes", "ward"])
        let slice = try #require(try await fixture.windowStore.slices(monitor: "health").first)
        let record = try #require(
            try await fixture.windowStore.merged(
                monitor: "health", slice: slice, from: Timestamp(milliseconds: 0), to: fixture.clock.now + .seconds(60))
        )
        let rows = record.sample.rows
        let radius = rows.values(0..<rows.count)[.init(name: "radius", role: .input)]
        #expect(radius?.count == 50 && radius?.allSatisfy { $0 == nil } == true)
        #expect(record.uniqueness.rows == 0, "Whether rows are alike is not known.")
    }

    @Test func whatTheToolRefusesIsSaid() async throws {
        let fixture = try await fixture("mode: evidently")
        var notes = PatientTable(50, seed: 9).rows.map(\.inputs)
        for index in notes.indices {
            notes[index] = .members([("ward", .string("note \(index)")), ("radius", "high")])
        }
        try await fixture.predict(notes)
        await fixture.observe()
        let window = try #require(try await fixture.windows().first)
        let refused = window.findings.filter { $0.code == Finding.notCompared }
        #expect(refused.map(\.subject) == ["ward", "radius"] && refused.allSatisfy { $0.verdict == .unknown })
        #expect(refused.first?.words.contains("free text") == true)
        #expect(refused.last?.words.contains("numbers") == true)
    }

    @Test func segmentsAreJudgedByTheirOwnRows() async throws {
        let fixture = try await fixture(
            "mode: evidently", rest: "window: {rows: 50}, segments: [{name: north, where: \"ward == 'north'\"}]")
        let table = PatientTable(1_800, seed: 10)
        try await fixture.predict(table)
        await fixture.observe()
        let window = try #require(try await fixture.windows().last)
        let north = window.findings.filter { $0.isColumnDrift && $0.slice.segment != nil }
        let rows = table.rows.suffix(50).filter { $0.ward == "north" }
        #expect(north.first { $0.subject == "radius" }?.rows == rows.count)
    }
}
