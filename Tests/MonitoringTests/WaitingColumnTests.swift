import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Columns whose values were stored before there were cells to sort them into: the server ended while its reference was made, or
/// before there was enough of production.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct WaitingColumnTests {
    private static let inputs = ["radius", "smokes", "texture", "ward"]

    private func compared(_ window: MonitorWindow) -> [Finding] {
        window.columns.filter { Self.inputs.contains($0.subject ?? "") }
    }

    /// Windows of 100 rows that are compared with the two before; the fourth is of other rows.
    private func moving(isKilled: Bool) async throws -> [MonitorWindow] {
        var fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 100}, reference: {previous: 2}, alarms: {windows: 1}, "
                + "segments: [{column: ward, limit: 5}]}")
        if isKilled { fixture.runIDs.hold(1) }
        try await fixture.predict(PatientTable(300, seed: 2))
        try await fixture.log.settleObservers()
        try await fixture.feed.flush()
        if isKilled {
            let stored = try #require(
                try await fixture.windowStore.merged(
                    monitor: "health", from: Timestamp(milliseconds: 0), to: fixture.clock.now + .seconds(1)))
            #expect(stored.inputs["radius"]?.waiting.count == 300)
            fixture.runIDs.release(1)
            _ = await fixture.desk.finishReferences()
            fixture = try await fixture.restarted()
        }
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.4))
        await fixture.observe()
        return try await fixture.windows()
    }

    @Test func windowsOfThemAreComparedWithThoseThatFollow() async throws {
        let (windows, expected) = (try await moving(isKilled: true), try await moving(isKilled: false))
        #expect(windows.map(\.rows) == [100, 100, 100, 100])
        let last = try #require(windows.last)
        #expect(compared(last).map(\.subject).count == 4)
        #expect(compared(last) == compared(try #require(expected.last)), "As if no server had ended.")
        #expect(last.drifting == ["radius"])
        let segments = Set(last.findings.filter { $0.isColumnDrift && $0.subject == "radius" }.map(\.slice))
        #expect(segments.count == 4, "Those of segments, too.")
    }

    /// Nobody knows the training rows, and the server ends before it has seen what cells are made of.
    @Test func theFirstRowsGiveCellsThatHold() async throws {
        var fixture = try await MonitoringFixture()
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 100}, segments: [{name: all, where: \"radius > -99\"}]}")
        for part in 0..<6 {
            try await fixture.predict(PatientTable(100, seed: UInt64(part))) { Double($0 % 10).json }
            await fixture.observe()
            fixture = try await fixture.restarted()
        }
        // Here the feed has seen enough to make cells.
        try await fixture.predict(PatientTable(900, seed: 9)) { Double($0 % 10).json }
        await fixture.observe()
        let last = try #require(try await fixture.windows().last)
        #expect(last.columns.compactMap(\.subject).sorted() == ["prediction"] + Self.inputs)
        #expect(last.columns.allSatisfy { $0.referenceRows == 500 && $0.verdict == .fine })
        let segments = last.findings.filter { $0.isColumnDrift && $0.subject == "radius" && $0.slice.segment != nil }
        #expect(segments.map(\.referenceRows) == [500])
    }

    /// A lane and a part of its rows have enough at once.
    @Test func cellsAreThoseOfTheWholeLane() async throws {
        var fixture = try await MonitoringFixture()
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 640}, segments: [{name: a part, where: \"radius > 9\"}]}")
        var values: [ColumnValue] = []
        for part in 0..<4 {
            let table = PatientTable(160, seed: UInt64(part))
            values += table.rows.map { .number($0.radius) }
            try await fixture.predict(table)
            await fixture.observe()
            fixture = try await fixture.restarted()
        }
        let slice = TrafficSlice(variant: "main", model: "clinic", version: 1)
        for segment in [nil, "a part"] as [String?] {
            var slice = slice
            slice.segment = segment
            let kept = try #require(try await fixture.references.kept(Baseline(monitor: "health", slice: slice)))
            let radius = kept.columns.first { $0.name == "radius" }?.profile
            #expect(radius?.anchors == ColumnAnchors(reference: values).widened)
            #expect(radius?.rows == (segment == nil ? 640 : values.count { $0 > 9 }))
        }
    }

    /// What the first rows of a segment are like is compared with what comes later in the cells of the reference.
    @Test func segmentsBeginInTheCellsOfTheReference() async throws {
        var fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(
            "{endpoint: clinic, window: {rows: 100}, segments: [{name: all, where: \"radius > -99\"}]}")
        fixture.runIDs.hold(1)
        try await fixture.predict(PatientTable(500, seed: 2))
        try await fixture.log.settleObservers()
        fixture.runIDs.release(1)
        _ = await fixture.desk.finishReferences()
        fixture = try await fixture.restarted()
        try await fixture.predict(PatientTable(100, seed: 3))
        await fixture.observe()
        let last = try #require(try await fixture.windows().last)
        let segment = last.findings.filter { $0.slice.segment == "all" && Self.inputs.contains($0.subject ?? "") }
        #expect(segment.map(\.code) == Array(repeating: "drift", count: 4))
        #expect(segment.allSatisfy { $0.referenceRows == 500 })
    }

    @Test(arguments: [
        ("", ["radius", "texture", "ward"]), (", drift: {columns: {radius: off}}", ["texture", "ward"]),
        (", drift: {mode: evidently}", []),
    ])
    func whatWasSortedIntoOtherCellsIsNamed(more: String, columns: [String]) async throws {
        let fixture = try await MonitoringFixture()
        for version in 1...2 {
            try await fixture.train(version: version, on: PatientTable(400, seed: UInt64(version)))
        }
        try await fixture.apply("{endpoint: clinic, window: {minutes: 30}, reference: {season: day}\(more)}")
        for version in 1...2 {
            try await fixture.predict(PatientTable(100, seed: UInt64(version)), version: version)
            await fixture.count()
            fixture.clock.advance(by: 86_300_000)
        }
        await fixture.observe()
        let last = try #require(try await fixture.windows().last)
        #expect(last.version == 2)
        let named = last.findings.filter { $0.code == "not_compared" }
        #expect(named.compactMap(\.subject).sorted() == columns)
        #expect(named.allSatisfy { $0.verdict == .unknown && $0.family == .drift && $0.words.contains("other cells") })
        #expect(Set(last.columns.compactMap(\.subject)).isSuperset(of: ["prediction", "smokes"]))
        #expect(Set(last.columns.compactMap(\.subject)).isDisjoint(with: columns))
    }
}

extension ColumnValue {
    fileprivate static func > (value: ColumnValue, limit: Double) -> Bool {
        if case .number(let number) = value { number > limit } else { false }
    }
}

extension Double {
    fileprivate var json: JSON { .double(self) }
}
