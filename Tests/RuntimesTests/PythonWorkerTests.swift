import Foundation
import Runtimes
import TestSupport
import Testing
import TrainedModels
import Wire

@Suite(.timeLimit(.minutes(5))) struct PythonWorkerTests {
    @Test func answersWhatPyfuncAnswers() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, expected) = try models.expectation("pipeline")
        try await models.run("pipeline") { runtime in
            #expect(runtime.name == "python")
            let answer = try await runtime.predictions(rows, columns: columns ?? [])
            #expect(answer == expected)
        }
    }

    @Test func runsAScikitLearnClassOfLightGBMInPython() async throws {
        let models = try await TrainedModels.get()
        let (columns, rows, _) = try models.expectation("booster")
        try await models.run("classifier") { runtime in
            #expect(runtime.name == "python")
            let labels = try await runtime.predictions(rows, columns: columns ?? [])?.arrayValue
            #expect(labels?.allSatisfy { $0 == 0 || $0 == 1 } == true)
        }
    }

    @Test func writesAFrameAsMLflowDoes() async throws {
        try await Self.obedient { runtime in
            let predictions = try await Self.command("frame", runtime).predictions
            // What is missing in a text column is NaN in pandas' records too.
            let text = predictions.map { String(decoding: $0.bytes(nonFinite: .literal), as: UTF8.self) }
            #expect(text == #"[{"label":"a","score":0.5},{"label":NaN,"score":NaN}]"#)
        }
    }

    @Test func handsAWholeDocumentToAModelWithoutASignature() async throws {
        let models = try await TrainedModels.get()
        try await models.run("untyped") { runtime in
            #expect(runtime.signature == nil)
            let document: JSON = ["dataframe_records": [["command": "abc"], ["command": "def"]]]
            let answer = try await runtime.predict(.document(document), parameters: nil)
            #expect(answer == .json(["ABC", "DEF"]))
        }
    }

    @Test func saysWhyAModelRefusesAnInput() async throws {
        try await Self.obedient { runtime in
            let error = await #expect(throws: RuntimeError.self) { try await Self.command("refuse", runtime) }
            #expect(error?.message == "The model refuses this input: ValueError: no such customer")
            #expect(error?.code.status == 400)
            // It goes on.
            let answer = try await Self.command("hello", runtime)
            #expect(answer == .json(["HELLO"]))
        }
    }

    @Test func keepsTheProtocolApartFromWhatAModelPrintsAndReads() async throws {
        try await Self.obedient { runtime in
            let answer = try await Self.command("print", runtime)
            #expect(answer == .json(["PRINT"]))
            let readAnswer = try await Self.command("read", runtime)
            #expect(readAnswer == .json([["read": ""]]))
        }
    }

    @Test func startsAgainAfterTheProcessWasKilled() async throws {
        var limits = WorkerLimits()
        limits.backOff = BackOff(first: .milliseconds(10))
        try await Self.obedient(limits) { runtime in
            let error = await #expect(throws: RuntimeError.self) { try await Self.command("die", runtime) }
            #expect(error?.code.status == 503)
            #expect(error?.retryAfterSeconds == 1)
            let answer = try await Self.commandOnceReady("hello", runtime)
            #expect(answer == .json(["HELLO"]))
        }
    }

    @Test func saysWhyAModelCannotBeLoadedAgain() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            atPath: try await TrainedModels.get().path("obedient"), toPath: folder.path("model"))
        var limits = WorkerLimits()
        limits.backOff = BackOff(first: .milliseconds(10))
        let runtime = try await TrainedModels.runtimes(limits).load(path: folder.path("model"))
        try FileManager.default.removeItem(atPath: folder.path("model"))
        #expect(await Self.status(of: "die", runtime) == 503)
        while await runtime.obstacle()?.message.contains("cannot be loaded") != true {
            try Task.checkCancellation()
            await Task.yield()
        }
        await runtime.close()
    }

    @Test func endsAProcessThatHangsAndStartsAnother() async throws {
        var limits = WorkerLimits()
        limits.answer = .milliseconds(300)
        limits.backOff = BackOff(first: .milliseconds(10))
        try await Self.obedient(limits) { runtime in
            let error = await #expect(throws: RuntimeError.self) { try await Self.command("hang", runtime) }
            #expect(error?.code.status == 504)
            let answer = try await Self.commandOnceReady("hello", runtime)
            #expect(answer == .json(["HELLO"]))
        }
    }

    @Test func failsThoseThatWaitWhenTheProcessDies() async throws {
        try await Self.obedient { runtime in
            async let dying = Self.status(of: "die", runtime)
            async let waiting = Self.status(of: "die", runtime)
            #expect(await [dying, waiting] == [503, 503])
        }
    }

    @Test func answersManyRequestsInTurn() async throws {
        try await Self.obedient { runtime in
            let outputs = try await withThrowingTaskGroup(of: ModelOutput.self) { tasks in
                for index in 0..<100 { tasks.addTask { try await Self.command("a\(index)", runtime) } }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            let texts = outputs.compactMap { $0.predictions?.arrayValue?.first?.stringValue }
            #expect(Set(texts) == Set((0..<100).map { "A\($0)" }))
        }
    }

    @Test func refusesMoreThanMayWait() async throws {
        var limits = WorkerLimits()
        limits.waitingRequests = 0
        limits.answer = .milliseconds(500)
        try await Self.obedient(limits) { runtime in
            async let first = Self.status(of: "hang", runtime)
            async let second = Self.status(of: "hang", runtime)
            #expect(Set(await [first, second]) == [504, 429])
        }
    }

    @Test func saysWhyAModelCannotBeLoaded() async throws {
        let models = try await TrainedModels.get()
        let error = await #expect(throws: RuntimeError.self) {
            try await TrainedModels.runtimes().load(path: models.path("unloadable"))
        }
        #expect(error?.message.hasSuffix("cannot be loaded: RuntimeError: the weights are gone") == true)
        #expect(error?.code.status == 400)
    }

    @Test func refusesRequestsOnceClosed() async throws {
        let models = try await TrainedModels.get()
        let runtime = try await TrainedModels.runtimes().load(path: models.path("obedient"))
        await runtime.close()
        #expect(await Self.status(of: "hello", runtime) == 503)
    }

    private static func obedient(
        _ limits: WorkerLimits = WorkerLimits(), _ body: (any ModelRuntime) async throws -> Void
    ) async throws {
        try await TrainedModels.get().run("obedient", limits: limits, body)
    }

    private static func command(_ text: String, _ runtime: any ModelRuntime) async throws -> ModelOutput {
        try await runtime.predict(.table(try runtime.batch([[.string(text)]], columns: ["command"])), parameters: nil)
    }

    /// Tries until the worker that is being restarted answers.
    private static func commandOnceReady(_ text: String, _ runtime: any ModelRuntime) async throws -> ModelOutput {
        while true {
            do {
                return try await command(text, runtime)
            } catch let error as RuntimeError where error.code == .unavailable {
                await Task.yield()
            }
        }
    }

    private static func status(of text: String, _ runtime: any ModelRuntime) async -> Int {
        do {
            _ = try await command(text, runtime)
            return 200
        } catch {
            return (error as? any Problem)?.code.status ?? 0
        }
    }
}
