import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Runtimes

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite(.timeLimit(.minutes(3))) struct BatchesTests {
    @Test func putsTogetherWhatWaitsForABusyProcess() async throws {
        let settings = RuntimeSettings(batch: BatchSettings(rows: 16, isRowWise: true))
        try await TrainedModels.get().run("obedient", settings: settings) { runtime in
            let batching = try #require(runtime as? BatchingRuntime)
            let process = try #require(try await Self.numbers("pid", runtime).first)
            // It does not come to answer the first while the others queue.
            kill(process, SIGSTOP)
            let requests = (0..<6).map { _ in Task { try await Self.numbers("together", runtime) } }
            while batching.waitingCount < 5 { try await Self.turn() }
            kill(process, SIGCONT)
            var sizes: [pid_t] = []
            for request in requests { sizes += try await request.value }
            #expect(sizes.sorted() == [1, 5, 5, 5, 5, 5])

            // A row that is refused costs none of its neighbours an answer.
            kill(process, SIGSTOP)
            let early = (0..<2).map { _ in Task { try await Self.numbers("together", runtime) } }
            while batching.waitingCount < 1 { try await Self.turn() }
            let refused = Task { await Self.status("refuse", runtime) }
            let late = (0..<3).map { _ in Task { try await Self.numbers("together", runtime) } }
            while batching.waitingCount < 5 { try await Self.turn() }
            kill(process, SIGCONT)
            for request in early + late { #expect(try await request.value == [1]) }
            #expect(await refused.value == 400)
        }
    }

    @Test func answersTheSameForRowsPutTogether() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("names")
        let settings = RuntimeSettings(batch: BatchSettings(rows: 16))
        try await models.run("names", settings: settings) { runtime in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<200 {
                    let row = index % rows.count
                    tasks.addTask {
                        let answer = try await runtime.predictions([rows[row]], columns: columns ?? [])
                        #expect(answer?.arrayValue?.first == expected.arrayValue?[row])
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    /// Four rows go when there are four of them: none goes before.
    @Test func putsTogetherWhatAnONNXModelIsAskedIfItIsToldTo() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, _) = try models.expectation("onnx_zipmap")
        let expected = try models.singles("onnx_zipmap")
        let settings = RuntimeSettings(batch: BatchSettings(rows: 4, delay: .seconds(600)))
        try await models.run("onnx_zipmap", settings: settings) { runtime in
            let batching = try #require(runtime as? BatchingRuntime)
            #expect(runtime.name == "onnx")
            let early = try (0..<3).map { index in
                let batch = try runtime.batch([rows[index]], columns: columns ?? [])
                return Task { try await runtime.predict(.table(batch), parameters: nil).predictions }
            }
            while batching.waitingCount < 3 { try await Self.turn() }
            #expect(try await runtime.predictions([rows[3]], columns: columns) == expected[3])
            for (answer, expected) in zip(early, expected) { #expect(try await answer.value == expected) }
        }
        try await models.run("onnx_zipmap") { #expect(!($0 is BatchingRuntime)) }
    }

    @Test func putsNoRowsTogetherOfAModelThatNobodyKnows() async throws {
        let models = try await TrainedModels.get()
        let settings = RuntimeSettings(batch: BatchSettings(rows: 16))
        let error = await #expect(throws: RuntimeError.self) {
            try await TrainedModels.runtimes().load(path: models.path("obedient"), settings: settings)
        }
        #expect(error?.hint == "Say row_wise: true in 'batch' if it does, or leave 'batch' out.")
    }

    @Test func sendsEachRequestAloneWhereTheManifestSaysSo() async throws {
        let settings = RuntimeSettings(batch: BatchSettings(rows: 1))
        try await TrainedModels.get().run("names", settings: settings) { runtime in
            #expect(runtime is PythonWorkers)
        }
    }

    // MARK: Means

    private static func turn() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    private static func status(_ text: String, _ runtime: any ModelRuntime) async -> Int {
        do {
            _ = try await numbers(text, runtime)
            return 200
        } catch {
            return (error as? any Problem)?.code.status ?? 0
        }
    }

    private static func numbers(_ text: String, _ runtime: any ModelRuntime) async throws -> [pid_t] {
        let predictions = try await runtime.predictions([[.string(text)]], columns: ["command"])
        return predictions?.arrayValue?.compactMap { $0.integerValue.map { pid_t($0) } } ?? []
    }
}
