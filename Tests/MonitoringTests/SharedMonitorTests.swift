import Database
import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Two servers on one database, each of which counts its own predictions and judges everybody's windows.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct SharedMonitorTests {
    private let servers: [MonitoringFixture]

    init() async throws {
        let first = try await MonitoringFixture()
        try await first.train(version: 1, on: PatientTable(400, seed: 1))
        servers = [first, try await first.another()]
    }

    /// Lets both judge at the same time, until neither finds anything more.
    private func judge(_ courses: inout [[String: MonitorCourse]]) async {
        var isMoreWaiting = true
        while isMoreWaiting {
            async let second = Self.pass(servers[1].watch, courses[1])
            let first = await Self.pass(servers[0].watch, courses[0])
            courses = [first.courses, await second.courses]
            isMoreWaiting = await second.isMoreWaiting || first.isMoreWaiting
        }
    }

    private static func pass(
        _ watch: MonitorWatch, _ courses: [String: MonitorCourse]
    ) async -> (courses: [String: MonitorCourse], isMoreWaiting: Bool) {
        var courses = courses
        let isMoreWaiting = await watch.pass(&courses)
        return (courses, isMoreWaiting)
    }

    @Test func windowsOfBothAreMergedAndJudgedOnce() async throws {
        try await servers[0].apply(
            "{endpoint: clinic, window: {minutes: 1}, drift: {minimum_effect: 0.3}, alarms: {windows: 2, of: 2}}")
        var courses: [[String: MonitorCourse]] = [[:], [:]]
        for minute in 0..<5 {
            for (place, server) in servers.enumerated() {
                let table = PatientTable(29, seed: UInt64(10 * minute + place), scale: minute < 2 ? 1 : 1.5)
                try await server.predict(table)
            }
            servers[0].clock.advance(by: 2_000)
            for server in servers { await server.count() }
            servers[0].clock.advance(by: 2_000)
            await judge(&courses)
            servers[0].clock.advance(by: -2_000)
        }
        let windows = try await servers[0].windows()
        #expect(windows.map(\.number) == [1, 2, 3, 4, 5])
        #expect(windows.map(\.rows) == [58, 58, 58, 58, 58])
        #expect(windows.map { $0.drifting.contains("radius") } == [false, false, true, true, true])
        let alerts = try await servers[1].alerts.alerts(limit: 9).filter { $0.topic.family == .drift }
        #expect(alerts.map(\.windows) == [3])
        #expect(alerts.first?.since == windows[2].start)
    }

    /// What was counted is in the database; the prediction log of each server has its own half.
    @Test func aStretchOfProductionIsOfAllServers() async throws {
        try await servers[0].apply("{endpoint: clinic, window: {minutes: 1}}")
        let start = servers[0].clock.now
        var sent: [Double] = []
        for (place, server) in servers.enumerated() {
            let table = PatientTable(60, seed: UInt64(place), scale: place == 0 ? 1 : 2)
            sent += table.rows.map(\.radius)
            try await server.predict(table)
        }
        let choice = ReferenceChoice.production(from: start, to: servers[0].clock.now + .seconds(1))
        servers[0].clock.advance(by: 60_000)
        try await servers[0].predict(PatientTable(60, seed: 9))
        for server in servers { await server.count() }
        for (place, server) in servers.enumerated() {
            let reference = try #require(
                try await server.references.reference(
                    choice, endpoint: "clinic", model: "clinic", version: place, rows: 1_000))
            #expect(reference.rows == 120)
            let radius = Reference.Column.Key(name: "radius", role: .input)
            let column = try #require(reference.columns.first { $0.key == radius })
            #expect(column.profile == ColumnProfile(sent.map { .number($0) }, anchors: column.profile.anchors))
            #expect(reference.columns.contains { $0.role == .output })
            let sampled = reference.sampledColumns[radius]?.compactMap { $0?.asNumber } ?? []
            #expect(sampled.sorted() == sent.sorted())
        }
        // Where nobody else answered it is what this server's log has, whatever was counted.
        let own = ReferenceChoice.production(
            from: start + .seconds(180), to: servers[0].clock.now + .seconds(60))
        let reference = try #require(
            try await servers[0].references.reference(own, endpoint: "clinic", model: "clinic", version: 1))
        #expect(reference.widths == nil, "It is made of rows, not of counts.")
    }

    @Test func windowsOfRowsAreEachServersOwn() async throws {
        try await servers[0].apply("{endpoint: clinic, window: {rows: 50}, alarms: {windows: 3, of: 3}}")
        var courses: [[String: MonitorCourse]] = [[:], [:]]
        for round in 0..<3 {
            for (place, server) in servers.enumerated() {
                try await server.predict(PatientTable(50, seed: UInt64(10 * round + place), scale: 1.5))
                await server.count()
            }
            await judge(&courses)
        }
        #expect(try await servers[0].windows().map(\.number) == Array(1...6))
        let alerts = try await servers[1].alerts.alerts(limit: 9).filter { $0.topic.family == .drift }
        #expect(alerts.map(\.windows) == [6])
        let sources = try await servers[0].database.read {
            try $0.values("SELECT DISTINCT source FROM monitor_windows", as: String.self)
        }
        #expect(sources.count == 2)
    }

    @Test func aStretchOfCallsIsJudgedOnce() async throws {
        try await servers[0].apply(
            "{endpoint: clinic, calls: {minimum_per_minute: 11, minutes: 5}, alarms: {windows: 2, of: 2}}")
        var courses: [[String: MonitorCourse]] = [[:], [:]]
        await judge(&courses)
        // Neither has enough by itself.
        for server in servers { try await server.predict(PatientTable(30, seed: 2)) }
        for server in servers { await server.count() }
        var open: [Int] = []
        for _ in 0..<4 {
            servers[0].clock.advance(by: 302_000)
            await judge(&courses)
            open.append(try await servers[0].alerts.alerts(state: .open, limit: 9).count)
        }
        let windows = try await servers[1].windows()
        #expect(windows.map(\.number) == [1, 2, 3, 4])
        #expect(windows.map { $0.bad.map(\.code) } == [[], ["rate"], ["rate"], ["rate"]])
        #expect(open == [0, 0, 1, 1], "One bad stretch is not two, though two servers saw it.")
        for (earlier, later) in zip(windows, windows.dropFirst()) { #expect(later.start == earlier.end) }
    }

    @Test func callsAreJudgedFromWhereAnotherServerLeftOff() async throws {
        try await servers[0].apply(
            "{endpoint: clinic, calls: {minimum_per_minute: 5, minutes: 5}, alarms: {windows: 2, of: 2}}")
        var courses: [String: MonitorCourse] = [:]
        await servers[0].observe(&courses)
        servers[0].clock.advance(by: 302_000)
        await servers[0].observe(&courses)
        // It is gone, and the other one comes when a stretch has ended meanwhile.
        servers[0].clock.advance(by: 300_000)
        courses = [:]
        await servers[1].observe(&courses)
        let windows = try await servers[1].windows()
        #expect(windows.count == 2)
        #expect(windows.last?.start == windows.first?.end)
        // What nobody looked at for long is passed over: that nobody called may be because nobody could.
        servers[0].clock.advance(by: 3_600_000)
        await servers[1].observe(&courses)
        #expect(try await servers[1].windows().count == 2)
        servers[0].clock.advance(by: 300_000)
        await servers[1].observe(&courses)
        let later = try await servers[1].windows()
        #expect(later.count == 3)
        #expect(later.last.map { $0.end.milliseconds - $0.start.milliseconds } == 300_000)
    }
}
