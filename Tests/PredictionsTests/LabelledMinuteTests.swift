import Runtimes
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite(.timeLimit(.minutes(5))) struct LabelledMinuteTests {
    private static let start: Int64 = 1_800_000_000_000

    private static func log(_ folder: TemporaryFolder, at time: Int64 = start) async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: WallClock { Timestamp(milliseconds: time) }, entropy: .system,
            logger: LiveServer.quiet)
    }

    private static func predict(_ log: PredictionLog, _ endpoint: String) async throws -> PredictionID {
        try await log.append(
            LoggedRequest(
                endpoint: endpoint, variant: "main", model: "clinic", version: 1, latencyUs: 250, caller: "ada",
                input: .document(["age": 41]), output: .json(0.5), rowCount: 1))
    }

    private static func label(_ ids: [PredictionID], in log: PredictionLog) async throws {
        try await log.label(ids.map { PredictionLabel(id: $0, value: 1, time: $0.time) })
    }

    @Test func labelsMarkTheMinutesOfTheirPredictions() async throws {
        let folder = try TemporaryFolder()
        let first = try await Self.log(folder)
        let a = try await Self.predict(first, "clinic")
        let b = try await Self.predict(first, "shop")
        #expect(try await first.labelledMinutes(limit: 10).isEmpty)
        try await Self.label([a], in: first)
        try await Self.label([a, b], in: first)
        let minutes = try await first.labelledMinutes(limit: 10)
        #expect(minutes.map(\.endpoint) == ["clinic", "shop"])
        #expect(
            minutes.allSatisfy { $0.start.milliseconds == Self.start && $0.end.milliseconds == Self.start + 60_000 })
        // Until somebody says that they were looked at, also in another process.
        let second = try await Self.log(folder, at: Self.start + 1)
        #expect(try await second.labelledMinutes(limit: 10) == minutes)
        try await second.settle(minutes)
        #expect(try await second.labelledMinutes(limit: 10).isEmpty)
    }

    @Test func labelsThatComeWhileAMinuteIsLookedAtMarkItAgain() async throws {
        let folder = try TemporaryFolder()
        let log = try await Self.log(folder)
        let id = try await Self.predict(log, "clinic")
        try await Self.label([id], in: log)
        let minutes = try await log.labelledMinutes(limit: 10)
        try await Self.label([id], in: log)
        try await log.settle(minutes)
        let again = try await log.labelledMinutes(limit: 10)
        #expect(again.map(\.start) == minutes.map(\.start))
        try await log.settle(again)
        #expect(try await log.labelledMinutes(limit: 10).isEmpty)
        try await Self.label([id], in: log)
        #expect(try await log.labelledMinutes(limit: 10).count == 1)
        withExtendedLifetime(folder) {}
    }

    @Test func refusedLabelsMarkNothing() async throws {
        let folder = try TemporaryFolder()
        let log = try await Self.log(folder)
        let id = try await Self.predict(log, "clinic")
        let unknown = PredictionID(request: String(id.request.reversed()))
        await #expect(throws: PredictionError.self) { try await Self.label([id, unknown], in: log) }
        #expect(try await log.labelledMinutes(limit: 10).isEmpty)
        withExtendedLifetime(folder) {}
    }
}
