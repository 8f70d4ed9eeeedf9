import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Random calls get the same answers, to the last byte, from SQLite and from PostgreSQL.
///
/// `MARTLET_SEED` (the first), `MARTLET_SEEDS` (how many) and `MARTLET_CALLS` (of each) make it look longer.
@Suite(.timeLimit(.minutes(10))) struct EngineAgreementTests {
    private static let settings = ScriptSettings(seeds: 4, calls: 250)

    @Test(arguments: settings.seeds)
    func bothEnginesAnswerAlike(seed: UInt64) async throws {
        var random = RandomScript(seed: seed)
        let script = random.script(of: Self.settings.calls)
        guard let found = try await Self.difference(in: script) else { return }
        let upToIt = Array(script.prefix { $0.number <= found.call.number })
        let shortest = try await shrunk(upToIt) { part in try await Self.difference(in: part) != nil }
        let shown = try await Self.difference(in: shortest) ?? found
        Issue.record("seed \(seed), \(shortest.map(\.description).joined(separator: "\n"))\n\(shown)")
    }

    /// A script is worth nothing when most of it is refused.
    @Test func mostCallsOfAScriptAreDone() async throws {
        var random = RandomScript(seed: 1)
        let script = random.script(of: 400)
        let statuses = try await EngineServer(on: .sqlite).statuses(of: script)
        #expect(statuses.filter { $0 == 200 }.count > 200)
        #expect(statuses.filter { $0 != 200 }.count > 20)
        #expect(statuses.allSatisfy { $0 < 500 })
    }

    @Test func whatIsNotNeededToFailIsLeftOut() async {
        var random = RandomScript(seed: 1)
        let script = random.script(of: 100)
        let shortest = await shrunk(script) { part in [17, 60, 99].allSatisfy { part.map(\.number).contains($0) } }
        #expect(shortest.map(\.number) == [17, 60, 99])
    }

    /// The first call that is answered differently; nil when none is.
    private static func difference(in script: [ScriptedCall]) async throws -> Difference? {
        let (sqlite, postgres) = (try await EngineServer(on: .sqlite), try await EngineServer(on: .postgres))
        return try await sqlite.serve { first in
            try await postgres.serve { second in
                var (first, second) = (first, second)
                for call in script + [.allEvents] {
                    sqlite.state.begin(call.number)
                    let one = try await first.answers(to: call)
                    postgres.state.begin(call.number)
                    let other = try await second.answers(to: call)
                    if one != other { return Difference(call: call, one: one, other: other) }
                }
                return nil
            }
        }
    }
}

/// How many scripts are made, and how long they are.
struct ScriptSettings {
    let seeds: Range<UInt64>
    let calls: Int

    /// What the environment does not say otherwise.
    init(seeds: Int, calls: Int) {
        let first = UInt64(Self.setting("MARTLET_SEED") ?? 1)
        self.seeds = first..<first + UInt64(Self.setting("MARTLET_SEEDS") ?? seeds)
        self.calls = Self.setting("MARTLET_CALLS") ?? calls
    }

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }
}

/// A call that two servers answered differently.
struct Difference: CustomStringConvertible {
    let call: ScriptedCall
    let one: [GivenAnswer]
    let other: [GivenAnswer]

    var description: String {
        let pages = zip(one, other).enumerated().filter { $1.0 != $1.1 }
        guard let (page, (one, other)) = pages.first else { return "\(one.count) pages and \(other.count) pages" }
        return "page \(page + 1):\n\(one.status) \(one.text)\n\(other.status) \(other.text)"
    }
}

extension ScriptedCall {
    /// Asks for the log of all that happened.
    static var allEvents: ScriptedCall {
        ScriptedCall(number: 1_000_000, method: .GET, path: "/api/v1/audit/events", query: [("limit", "1000")])
    }
}

extension EngineServer {
    func statuses(of script: [ScriptedCall]) async throws -> [Int] {
        try await serve { peer in
            var peer = peer
            var statuses: [Int] = []
            for call in script {
                state.begin(call.number)
                statuses += try await peer.answers(to: call).prefix(1).map(\.status)
            }
            return statuses
        }
    }
}
