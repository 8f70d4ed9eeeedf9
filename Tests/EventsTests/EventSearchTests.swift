import Database
import NIOHTTP1
import Synchronization
import TestSupport
import Testing
import Web
import Wire

@testable import Events

/// The log asked by who, what, of what and when, and its page.
@Suite(.everyEngine) struct EventSearchTests {
    private static let start = Timestamp(milliseconds: 1_795_232_843_000)

    /// Ten events, one a second: odd ones by bob, the fifth of another kind and subject.
    private static func log() async throws -> (EventFixture, EventLog) {
        let fixture = try await EventFixture()
        let second = Mutex(Int64(0))
        let log = EventLog(
            database: fixture.database,
            clock: WallClock {
                second.withLock { second in
                    second += 1
                    return Timestamp(milliseconds: start.milliseconds + second * 1000)
                }
            })
        try await fixture.database.write { transaction in
            for number in 1...10 {
                let change =
                    number == 5
                    ? Change(by: "bob", "model.created", of: "models/a b/3", ["note": "<i>"])
                    : Change(by: number % 2 == 1 ? "bob" : "ada", "run.created", of: "runs/\(number)")
                try log.append(change, in: transaction)
            }
        }
        return (fixture, log)
    }

    private static func query(_ limit: Int = 100, _ change: (inout EventQuery) -> Void) -> EventQuery {
        var query = EventQuery(limit: limit)
        change(&query)
        return query
    }

    @Test func findsByWhoWhatOfWhatAndWhen() async throws {
        let (fixture, log) = try await Self.log()
        func numbers(_ change: (inout EventQuery) -> Void) async throws -> [Int64] {
            try await log.search(Self.query(100, change)).events.map(\.sequence)
        }
        #expect(try await numbers { _ in } == Array((1...10).reversed()))
        #expect(try await numbers { $0.actor = "ada" } == [10, 8, 6, 4, 2])
        #expect(try await numbers { $0.kind = "model.created" } == [5])
        #expect(try await numbers { $0.kind = "model" } == [5])
        #expect(try await numbers { $0.kind = "mode" } == [])
        #expect(try await numbers { $0.subject = "runs/7" } == [7])
        let third = Self.start + .seconds(3)
        #expect(try await numbers { $0.to = third } == [2, 1])
        #expect(try await numbers { $0.from = third } == Array((3...10).reversed()))
        #expect(
            try await numbers {
                $0.from = third
                $0.to = Self.start + .seconds(5)
                $0.actor = "bob"
            } == [3])
        #expect(try await numbers { $0.from = Self.start + .seconds(60) } == [])
        withExtendedLifetime(fixture) {}
    }

    @Test func isReadByPageAndLooksAtSoManyAtOnce() async throws {
        let (fixture, log) = try await Self.log()
        let first = try await log.search(Self.query(3) { $0.actor = "ada" })
        #expect(first.events.map(\.sequence) == [10, 8, 6] && first.next == 6 && !first.isCutShort)
        let last = try await log.search(
            Self.query(3) {
                $0.actor = "ada"
                $0.before = 6
            })
        #expect(last.events.map(\.sequence) == [4, 2] && last.next == nil)
        // Of the four newest none is of a model; it says from where to look on.
        let short = try await log.search(Self.query(3) { $0.kind = "model" }, stride: 4)
        #expect(short == EventPage(events: [], next: 7, isCutShort: true))
        let on = try await log.search(
            Self.query(3) {
                $0.kind = "model"
                $0.before = 7
            }, stride: 4)
        #expect(on.events.map(\.sequence) == [5] && on.next == 3)
        withExtendedLifetime(fixture) {}
    }

    @Test func thePageLeadsToWhatHappened() async throws {
        let (fixture, log) = try await Self.log()
        var routes = Routes()
        AuditRoutes(log: log) { $0.hasPrefix("runs/") ? "/\($0)" : nil }.routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let all = try await server.get("/audit").text
            #expect(all.contains("href=\"/runs/7\"") && !all.contains("href=\"/models"))
            #expect(all.contains("href=\"/audit?subject=models%2Fa%20b%2F3\""), "\(all)")
            #expect(all.contains("&lt;i&gt;"))
            let rows = { (text: String) in text.matches(of: /<tr><th scope="row"/).count }
            #expect(rows(all) == 10)
            for before in [Int64.min, -1, 0, 1] {
                #expect(rows(try await server.get("/audit?actor=ada&before=\(before)").text) == 0)
            }
            #expect(rows(try await server.get("/audit?before=\(Int64.max)").text) == 10)
            #expect(rows(try await server.get("/audit?actor=ada").text) == 5)
            #expect(rows(try await server.get("/audit?kind=run&subject=runs/7").text) == 1)
            let time = Self.start.iso8601.prefix(16)
            #expect(rows(try await server.get("/audit?from=\(time)").text) == 10)
            #expect(rows(try await server.get("/audit?to=\(time)").text) == 0)
            #expect(try await server.get("/audit?from=yesterday").status == 400)
            #expect(try await server.get("/audit?actor=nobody").text.contains("No event fits"))
        }
        withExtendedLifetime(fixture) {}
    }
}
