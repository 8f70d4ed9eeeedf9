import Foundation
import Natives
import Synchronization
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

/// Processes start slowly, so each test goes through several things that happen to a pool in its life.
@Suite(.timeLimit(.minutes(5))) struct PythonPoolTests {
    @Test func answersOnWhateverHappensToOneOfItsProcesses() async throws {
        let role = ModelRole(version: "obedient/3", endpoint: "desk")
        let settings = RuntimeSettings(workers: 2)
        try await TrainedModels.get().run("obedient", role: role, limits: Self.quick, settings: settings) { runtime in
            #expect(await runtime.obstacle() == nil)
            try await Self.whole(runtime)
            // Somebody kills it under a request: the other one answers.
            let wait = try await Self.wait(runtime)
            let first = wait.pid
            kill(first, SIGKILL)
            try wait.folder.write("", to: "end")
            let second = try await wait.answers.value.first
            #expect(second != nil && second != first)
            try await Self.whole(runtime)

            // A row crashes it: that request is refused, and no other.
            let context = PredictionContext(id: "crash-1")
            let crash = await Self.error("crash", runtime, context)
            #expect(crash?.code.status == 503)
            #expect(crash?.message.contains("signal 11 (segmentation fault)") == true)
            #expect(crash?.message.contains("model obedient/3 of endpoint 'desk'") == true)
            #expect(try await Self.command("hello", runtime) == .json(["HELLO"]))
            #expect(await runtime.obstacle() == nil)
            #expect(await runtime.printed(for: "crash-1").contains { $0.contains("Segmentation fault") })
            #expect(await runtime.remark()?.hasPrefix("1 of the model's 2 processes answer.") == true)
            try await Self.whole(runtime)
            let exit = await Self.error("exit", runtime)
            #expect(exit?.message.contains("exit code 3") == true)
            try await Self.whole(runtime)

            // It hangs: the request is answered in time, others at once, and the process goes.
            let stuck = try await Self.pid(runtime)
            let hang = await Self.error("hang", runtime, PredictionContext(deadline: .now + .milliseconds(50)))
            #expect(hang?.code.status == 504)
            #expect(try await Self.command("hello", runtime) == .json(["HELLO"]))
            while Self.exists(stuck) { try await Self.turn() }
            try await Self.whole(runtime)
        }
    }

    @Test func leavesNothingBehindOfWhatAModelStarts() async throws {
        let models = try await TrainedModels.get()
        let children = Mutex<[pid_t]>([])
        try await models.run("obedient", limits: Self.quick) { runtime in
            let started = try await Self.numbers("fork", runtime)
            try #require(started.count == 2)
            #expect(started.allSatisfy(Self.exists))
            let leader = try await Self.pid(runtime)
            kill(leader, SIGKILL)
            while started.contains(where: Self.exists) || Self.exists(leader) { try await Self.turn() }
            try await Self.whole(runtime)
            let more = try await Self.numbers("fork", runtime)
            children.withLock { $0 = more }
        }
        // The model has been closed.
        let left = children.withLock { $0 }
        while left.contains(where: Self.exists) { try await Self.turn() }
    }

    @Test func keepsWhatIsPrintedWithItsRequest() async throws {
        try await TrainedModels.get().run("obedient") { runtime in
            for index in 0..<20 {
                let context = PredictionContext(id: "say-\(index)")
                _ = try await Self.command("say", runtime, context)
                let lines = await runtime.printed(for: "say-\(index)")
                #expect(lines == ["from Python", "from C"])
                _ = try await Self.command("hello", runtime, PredictionContext(id: "quiet-\(index)"))
                #expect(await runtime.printed(for: "quiet-\(index)") == [])
            }
            let refusal = await Self.error("refuse", runtime, PredictionContext(id: "refused"))
            #expect(refusal?.message == "The model refuses this input: ValueError: no such customer")
            let trace = await runtime.printed(for: "refused")
            #expect(trace.first == "Traceback (most recent call last):")
            #expect(trace.last == "ValueError: no such customer")
            _ = try await Self.command("chatter", runtime, PredictionContext(id: "chatter"))
            let chatter = await runtime.printed(for: "chatter")
            #expect(chatter.count <= 201)
            #expect(chatter.last == "... and 99800 more lines, which are left out")
        }
    }

    @Test func keepsToItsMemory() async throws {
        let settings = RuntimeSettings(memoryBytes: 512 << 20)
        try await TrainedModels.get().run("obedient", limits: Self.quick, settings: settings) { runtime in
            let hoard = await Self.error("hoard", runtime)
            #expect(hoard?.code.status == 413)
            #expect(hoard?.message.contains("its limit of 512 MiB: MemoryError") == true)
            // One that leaks gives way to another, and answers meanwhile as long as it can.
            let first = try await Self.pid(runtime)
            var statuses: Set<Int> = []
            while try await Self.pid(runtime) == first { statuses.insert(await Self.status("leak", runtime)) }
            #expect(statuses.isSubset(of: [200, 503]))
            #expect(statuses.contains(200))
            #expect(await runtime.obstacle() == nil)
        }
        let tight = RuntimeSettings(memoryBytes: 64 << 20)
        let error = await #expect(throws: RuntimeError.self) {
            try await TrainedModels.runtimes().load(
                path: try await TrainedModels.get().path("obedient"), settings: tight)
        }
        #expect(error?.message.contains("loaded") == true || error?.message.contains("loading") == true)
        #expect(error?.hint?.contains("64 MiB") == true)
    }

    @Test func letsModelsDoLittle() async throws {
        let python = Self.pythonForNobody ?? TrainedModels.python
        var environment = python.environment
        environment["MARTLET_TOKEN"] = "secret"
        environment["AWS_SECRET_ACCESS_KEY"] = "secret"
        environment["MODEL_KEY"] = "its own"
        let runtimes = TrainedModels.runtimes(
            python: PythonInterpreter(executable: python.executable, environment: environment))
        let runtime = try await runtimes.load(path: try await TrainedModels.get().path("obedient"))
        let names = try await Self.command("variables", runtime).predictions?.arrayValue?.compactMap(\.stringValue)
        #expect(names?.contains("MODEL_KEY") == true)
        #expect(names?.contains { $0.hasPrefix("MARTLET_") || $0.hasPrefix("AWS_") } == false)
        let itself = try await Self.command("self", runtime).predictions?.arrayValue?.first
        if geteuid() == 0, Account(name: "nobody")?.canRead(python.executable) == true {
            #expect(itself?["user"]?.integerValue != 0)
            #expect(itself?["groups"]?.arrayValue?.isEmpty == true)
            #expect(itself?["home"] == itself?["here"])
            let home = try #require(itself?["home"]?.stringValue)
            #expect(FileManager.default.fileExists(atPath: home))
            await runtime.close()
            while FileManager.default.fileExists(atPath: home) { try await Self.turn() }
        } else {
            #expect(itself?["user"]?.integerValue == Int64(geteuid()))
            await runtime.close()
        }
    }

    @Test func answersInTimeThoseThatWait() async throws {
        try await TrainedModels.get().run("obedient") { runtime in
            let wait = try await Self.wait(runtime)
            // They stand behind the one that waits; none of them is ever sent.
            let leaving = Task { try await Self.command("crash", runtime) }
            let context = PredictionContext(deadline: .now + .milliseconds(20))
            #expect(await Self.status("hello", runtime, context) == 504)
            leaving.cancel()
            await #expect(throws: CancellationError.self) { try await leaving.value }
            #expect(await Self.status("crash", runtime, PredictionContext(deadline: .now)) == 504)
            try wait.folder.write("", to: "end")
            #expect(try await wait.answers.value == [wait.pid])
            #expect(try await Self.pid(runtime) == wait.pid)
        }
    }

    @Test func replacesAProcessAfterSoManyRequests() async throws {
        let settings = RuntimeSettings(recycleAfterRequests: 3)
        try await TrainedModels.get().run("obedient", settings: settings) { runtime in
            let first = try await Self.pid(runtime)
            while try await Self.pid(runtime) == first {}
            while Self.exists(first) { try await Self.turn() }
            #expect(await runtime.obstacle() == nil)
        }
    }

    // MARK: Means

    /// A Python that `nobody` can read and that has all that models need; nil when there is none, or only root can use it.
    private static var pythonForNobody: PythonInterpreter? {
        guard geteuid() == 0, let nobody = Account(name: "nobody") else { return nil }
        let python = TrainedModels.python
        if nobody.canRead(python.executable) { return python }
        // The virtual environment of a Python in a folder of root's: take the system's of the same version.
        let library = python.executable.replacingOccurrences(of: "/bin/python", with: "/lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        guard let version = versions.first(where: { nobody.canRead("/usr/bin/\($0)") }) else { return nil }
        var environment = python.environment
        environment["PYTHONPATH"] = "\(library)/\(version)/site-packages"
        return PythonInterpreter(executable: "/usr/bin/\(version)", environment: environment)
    }

    private static var quick: WorkerLimits {
        var limits = WorkerLimits()
        limits.backOff = BackOff(first: .milliseconds(10), crashLoopAfter: 100)
        limits.overtime = .milliseconds(100)
        return limits
    }

    /// Waits until all processes answer.
    private static func whole(_ runtime: any ModelRuntime) async throws {
        while true {
            let obstacle = await runtime.obstacle()
            let remark = await runtime.remark()
            if obstacle == nil, remark == nil { return }
            try await turn()
        }
    }

    private static func turn() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    /// Whether a process runs, or is a zombie.
    private static func exists(_ pid: pid_t) -> Bool {
        kill(pid, 0) == 0
    }

    private static func pid(_ runtime: any ModelRuntime) async throws -> pid_t {
        try #require(try await numbers("pid", runtime).first)
    }

    private static func numbers(
        _ text: String, _ runtime: any ModelRuntime, _ context: PredictionContext = PredictionContext()
    ) async throws -> [pid_t] {
        let predictions = try await command(text, runtime, context).predictions
        return predictions?.arrayValue?.compactMap { $0.integerValue.map { pid_t($0) } } ?? []
    }

    /// A request that keeps a process busy until a file `end` is written.
    private struct Wait {
        let pid: pid_t
        let answers: Task<[pid_t], any Error>
        let folder: TemporaryFolder
    }

    /// Returns once a process has begun.
    private static func wait(_ runtime: any ModelRuntime) async throws -> Wait {
        let folder = try TemporaryFolder()
        let end = folder.path("end")
        let answers = Task { try await numbers("wait for \(end)", runtime, PredictionContext(id: "wait")) }
        var printed: [String] = []
        while printed.isEmpty {
            try await turn()
            printed = await runtime.printed(for: "wait")
        }
        return Wait(pid: try #require(printed.first.flatMap { pid_t($0) }), answers: answers, folder: folder)
    }

    private static func command(
        _ text: String, _ runtime: any ModelRuntime, _ context: PredictionContext = PredictionContext()
    ) async throws -> ModelOutput {
        let batch = try runtime.batch([[.string(text)]], columns: ["command"])
        return try await runtime.predict(.table(batch), parameters: nil, context: context)
    }

    private static func error(
        _ text: String, _ runtime: any ModelRuntime, _ context: PredictionContext = PredictionContext()
    ) async -> RuntimeError? {
        await #expect(throws: RuntimeError.self) { try await command(text, runtime, context) }
    }

    private static func status(
        _ text: String, _ runtime: any ModelRuntime, _ context: PredictionContext = PredictionContext()
    ) async -> Int {
        do {
            _ = try await command(text, runtime, context)
            return 200
        } catch {
            return (error as? any Problem)?.code.status ?? 0
        }
    }
}
