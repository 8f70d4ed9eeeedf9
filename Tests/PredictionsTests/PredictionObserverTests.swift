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

        private let state = Mutex((seen: [Prediction](), failures: 0))

        var seen: [Prediction] { state.withLock { $0.seen } }

        func fail(_ times: Int) {
            state.withLock { $0.failures = times }
        }

        var observer: PredictionObserver {
            PredictionObserver(name: "witness") { [self] predictions in
                try state.withLock { state in
                    if state.failures > 0 {
                        state.failures -= 1
                        throw Failure()
                    }
                    state.seen += predictions
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
}
