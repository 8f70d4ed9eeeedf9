import Runtimes
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite struct PredictionObserverTests {
    private let folder: TemporaryFolder
    private let witness = Witness()

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Remembers what it was told, unless it fails.
    private final class Witness: Sendable {
        struct Failure: Error {}

        private let state = Mutex((groups: [PredictionGroup](), failures: 0, settled: 0))

        var groups: [PredictionGroup] { state.withLock { $0.groups } }
        var seen: [Prediction] { groups.flatMap(\.predictions) }
        /// How many groups were there when it was last asked to settle.
        var settled: Int { state.withLock { $0.settled } }

        func fail(_ times: Int) {
            state.withLock { $0.failures = times }
        }

        var observer: PredictionObserver {
            PredictionObserver(name: "witness") { [self] in
                state.withLock { $0.settled = $0.groups.count }
            } observe: { [self] group in
                try state.withLock { state in
                    if state.failures > 0 {
                        state.failures -= 1
                        throw Failure()
                    }
                    state.groups.append(group)
                }
            }
        }
    }

    private func open() async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: .system, entropy: .system, observers: [witness.observer],
            logger: LiveServer.quiet)
    }

    private static func request(rows: Int = 1) -> LoggedRequest {
        let ages = Column(name: "age", values: .int64s(Array(repeating: 41, count: rows)))
        return LoggedRequest(
            endpoint: "churn", variant: "b", model: "churn", version: 2, latencyUs: 1, caller: "ada", unit: "c-7",
            input: .table(Batch(rowCount: rows, columns: [ages])), output: .json(0.5), rowCount: rows)
    }

    private static func settle(_ log: PredictionLog) async throws {
        _ = try await log.predictions(PredictionQuery())
        while let telling = await log.telling { await telling.value }
    }

    @Test func isToldOfEveryPredictionInOrder() async throws {
        let log = try await open()
        var ids: [PredictionID] = []
        for _ in 0..<20 { ids.append(try await log.append(Self.request())) }
        try await Self.settle(log)
        for _ in 0..<20 { ids.append(try await log.append(Self.request())) }
        try await Self.settle(log)
        #expect(witness.seen.map(\.id) == ids)
        #expect(log.journal.progress.unobservedBytes == 0)
    }

    @Test func isToldOfWhatWasSampledOut() async throws {
        let log = try await open()
        let id = try await log.append(Self.request(rows: 2), policy: LogPolicy(samplePercent: 0))
        try await Self.settle(log)
        #expect(witness.seen.map(\.id) == (0..<2).map { PredictionID(request: id.request, row: $0) })
        #expect(witness.seen.allSatisfy { !$0.isKept && $0.inputs == .null && $0.unit == "c-7" })
    }

    @Test func isToldAgainAfterItFailed() async throws {
        let log = try await open()
        witness.fail(1)
        let first = try await log.append(Self.request())
        // Readers do not wait for it.
        #expect(try await log.prediction(first).id == first)
        try await Self.settle(log)
        #expect(witness.seen.isEmpty)
        let second = try await log.append(Self.request())
        try await Self.settle(log)
        #expect(witness.seen.map(\.id) == [first, second])
    }

    @Test func isToldAfterARestartOfWhatItMissed() async throws {
        let log = try await open()
        witness.fail(1)
        let id = try await log.append(Self.request())
        try await Self.settle(log)
        // The process ends here without a word.
        let next = try await open()
        try await Self.settle(next)
        #expect(witness.seen.map(\.id) == [id])
    }

    @Test func isAskedToSettleBeforeWhoWaitsForObserversGoesOn() async throws {
        let log = try await open()
        _ = try await log.append(Self.request())
        try await log.settleObservers()
        #expect(witness.groups.count == 1)
        #expect(witness.settled == 1)
    }

    @Test func knowsWhatItHasCountedHoweverGroupsAreCut() async throws {
        let log = try await open()
        for rows in 1...6 { _ = try await log.append(Self.request(rows: rows)) }
        try await Self.settle(log)
        let all = try #require(witness.groups.first)
        #expect(all.predictions(after: nil).count == 21)
        #expect(all.predictions(after: all.end).isEmpty)
        #expect(all.predictions(after: JournalPosition(segment: all.start.segment - 1, offset: 1 << 40)).count == 21)
        let lines = Dictionary(grouping: all.predictions) { $0.id.request }
        var rest = Set<Int>()
        for offset in all.start.offset..<all.end.offset {
            let left = all.predictions(after: JournalPosition(segment: all.start.segment, offset: offset))
            #expect(
                Set(left.map(\.id.request)).allSatisfy { id in left.count { $0.id.request == id } == lines[id]?.count })
            rest.insert(left.count)
        }
        #expect(rest == [21, 20, 18, 15, 11, 6])
    }
}
