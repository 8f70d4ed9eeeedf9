import Database
import Incidents
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions
@testable import Statistics

/// What of a window is held against the reference's rows: read from its records, where these have all of its rows.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct GrownSliceTests {
    private func table(_ count: Int, seed: UInt64) -> PatientTable {
        var table = PatientTable(count, seed: seed)
        for row in table.rows.indices where row % 2 == 0 {
            table.rows[row].radius = 16
            table.rows[row].ward = row % 4 == 0 ? "north" : "annex of the clinic"
        }
        return table
    }

    private func fixture(_ window: String, rows: Int) async throws -> MonitoringFixture {
        let fixture = try await MonitoringFixture(isRepeatable: true)
        try await fixture.train(version: 1, on: PatientTable(900, seed: 1))
        try await fixture.apply("{endpoint: clinic, type: binary, window: \(window)}")
        try await fixture.predict(table(rows, seed: 2).rows.map(\.inputs), policy: .standard)
        fixture.clock.advance(by: 7_200_000)
        await fixture.observe()
        return fixture
    }

    @Test(arguments: ["{rows: 200}", "{minutes: 1}", "{minutes: 5}"])
    func recordsTellWhatThePredictionsTell(window: String) async throws {
        let fixture = try await fixture(window, rows: 480)
        let due = try await fixture.performance.due(
            of: "health", source: fixture.log.source, after: 0, known: 9, before: fixture.clock.now, limit: 9)
        let windows = due.unseen.filter { $0.rows >= 100 || window == "{minutes: 1}" }
        #expect(windows.count >= 2)
        let reference = GrowthReference(
            columns: try TrainingTable(json: PatientTable(900, seed: 1).splitJSON).columns.map { ($0.name, $0.values) })
        for window in windows {
            let rows = try await fixture.performance.rows(of: window, "health", source: fixture.log.source)
            let packed = try #require(rows)
            #expect(packed.count == window.rows)
            let predictions = try await fixture.log.predictions(
                PredictionQuery(
                    endpoint: "clinic", from: window.start, to: Timestamp(milliseconds: window.end.milliseconds + 1),
                    limit: 2_000)
            ).prefix(window.rows)
            let logged = WeakSlice.grown(GrowthRows(Array(predictions), against: reference))
            #expect(WeakSlice.grown(GrowthRows(packed, against: reference)) == logged)
            if window.rows >= 200 { #expect(logged.contains { $0.condition.contains("ward = 'annex of the clinic'") }) }
        }
        // Of another server nothing is known here.
        let other = try await fixture.performance.rows(of: windows[0], "health", source: "another")
        #expect(other?.isEmpty ?? true)
    }

    @Test(arguments: [("{rows: 200}", 400), ("{rows: 1200}", 1_200)])
    func whatHasBecomeMoreIsFound(window: String, rows: Int) async throws {
        let fixture = try await fixture(window, rows: rows)
        await fixture.lookAtLabels()
        let windows = try await fixture.windows()
        let last = try #require(windows.last)
        let found = last.findings.filter { $0.code == "grown_slice" }
        let conditions = found.compactMap(\.subject)
        #expect(conditions.contains { $0.contains("ward = 'annex of the clinic'") }, "\(conditions)")
        #expect(conditions.contains { $0.contains("radius > ") && !$0.contains("AND ward") }, "\(conditions)")
        #expect(found.allSatisfy { $0.verdict == .notable && $0.rows >= 30 })
    }

    @Test func aRecordOfMoreRowsThanItHoldsIsNotAllRows() throws {
        var record = WindowRecord()
        var sample = PredictionSample()
        for number in 0..<30 {
            let id = PredictionID(request: "\(1_000 + number)")
            sample.add(.init(id, priority: PredictionSample.priority(of: id))) { rows in
                rows.packed([(PackedRows.Column(name: "x", role: .input), .number(Double(number)))])
            }
        }
        record.sample = sample
        record.rows = 30
        #expect(try WindowRecord.allRows(bytes: record.bytes)?.count == 30)
        record.rows = 31
        #expect(try WindowRecord.allRows(bytes: record.bytes) == nil)
        let bytes = record.bytes
        for count in bytes.indices { _ = try? WindowRecord.allRows(bytes: Array(bytes[..<count])) }
    }

    @Test func namesThatWereShortenedStandForNone() throws {
        let long = String(repeating: "a very long name of a thing ", count: 10)
        let column = PackedRows.Column(name: "c", role: .input)
        var rows = PackedRows()
        for row in 0..<200 { rows.append(rows.packed([(column, .text(row < 100 ? long : "b"))])) }
        let reference = GrowthReference(columns: [("c", (0..<300).map { .text($0 < 250 ? "b" : "c") })])
        #expect(WeakSlice.grown(GrowthRows(rows, against: reference)).isEmpty)
        var short = PackedRows()
        for row in 0..<200 { short.append(short.packed([(column, .text(row < 100 ? "new" : "b"))])) }
        #expect(WeakSlice.grown(GrowthRows(short, against: reference)).map(\.condition) == ["c = 'new'"])
    }

    /// What windows are judged by is all there, and the rest is not read.
    @Test(arguments: [true, false]) func aJudgedRecordComparesAsTheWholeOne(withRows: Bool) async throws {
        let fixture = try await fixture("{minutes: 1}", rows: 130)
        let (whole, judged) = try await fixture.database.read { reader in
            let bodies: [[UInt8]] = try reader.values(
                "SELECT body FROM monitor_records WHERE segment = '' ORDER BY row_count DESC LIMIT 1")
            let body = try #require(bodies.first)
            var anchors = StoredAnchors()
            return (
                try anchors.record(body, in: reader),
                try anchors.record(body, .judged(withRows: withRows), in: reader)
            )
        }
        #expect((judged.rows, judged.keptRows, judged.overflow) == (whole.rows, whole.keptRows, whole.overflow))
        #expect(judged.times == whole.times)
        #expect((judged.calls, judged.latency) == (whole.calls, whole.latency))
        #expect((judged.uniqueness, judged.widths) == (whole.uniqueness, whole.widths))
        #expect(whole.rows >= 50 && judged.sample.rows.count == (withRows ? whole.rows : 0))
        #expect(judged.inputs.names == whole.inputs.names && whole.inputs.count == 4)
        for (own, all) in zip(
            judged.inputs.columns + judged.outputs.columns, whole.inputs.columns + whole.outputs.columns)
        {
            let (own, all) = (own.profile(), all.profile())
            #expect(own.cellCounts == all.cellCounts && own.anchors == all.anchors)
            #expect(
                (own.rows, own.missing, own.unusable, own.types) == (all.rows, all.missing, all.unusable, all.types))
            #expect(own.numeric?.extremes ?? (0, 0) == all.numeric?.extremes ?? (0, 0))
            #expect(own.categories?.newcomers == all.categories?.newcomers)
            #expect(ColumnDrift(reference: all, window: own) == ColumnDrift(reference: all, window: all))
        }
    }
}
