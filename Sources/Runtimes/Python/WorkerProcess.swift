import Logging
import NIOCore
import NIOPosix
import Natives
import Subprocess
import Wire

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The recipe for the worker processes of a model.
struct WorkerProcess: Sendable {
    let folder: ModelFolder
    let python: PythonInterpreter
    let limits: WorkerLimits
    /// How much memory a process may take for itself; nil for as much as there is.
    var memoryBytes: Int?
    /// Whom it runs as; nil for whom the server does.
    var account: Account?
    let group: any EventLoopGroup
    let threads: NIOThreadPool
    let log: WorkerLog
    /// Those that run now.
    let running = RunningProcesses()

    /// Runs a process from its start to its end.
    /// - Parameter serve: gets the connection and the output once the process runs; the process is ended when it returns.
    /// - Throws: `RuntimeError` when it cannot be started.
    func run(
        _ worker: Int, _ serve: sending @escaping (WorkerConnection, WorkerOutput) async -> Void
    ) async throws -> WorkerEnd {
        guard let account else { return try await run(worker, scratch: nil, serve) }
        let scratch = try await threads.runIfActive { [parent = python.environment["TMPDIR"] ?? "/tmp"] in
            try WorkerScratch(in: parent, for: account)
        }
        defer { threads.submit { _ in scratch.remove() } }
        return try await run(worker, scratch: scratch, serve)
    }

    private func run(
        _ worker: Int, scratch: WorkerScratch?,
        _ serve: sending @escaping (WorkerConnection, WorkerOutput) async -> Void
    ) async throws -> WorkerEnd {
        // Before anything is opened, which would have to be closed again.
        let command = try command
        let (output, printing) = try WorkerOutput.open(log: log, worker: worker)
        defer { output.finish() }
        let connection: WorkerConnection
        let sockets: SocketPair
        do {
            sockets = try SocketPair()
            // Takes our end over at once, so that it is closed whatever happens.
            connection = try await WorkerConnection.adopt(
                socket: sockets.ours, group: group, maximumFrameBytes: limits.frameBytes)
        } catch {
            try? printing.close()
            throw error
        }
        do {
            let result = try await Subprocess.run(
                command.executable, arguments: Arguments(command.arguments),
                environment: .custom(environment(scratch).subprocessKeys),
                workingDirectory: FilePath(scratch?.path ?? "/"), platformOptions: platformOptions,
                input: .fileDescriptor(sockets.theirs, closeAfterSpawningProcess: true),
                output: .fileDescriptor(printing, closeAfterSpawningProcess: true), error: .combinedWithOutput
            ) { [running] execution in
                let id = execution.processIdentifier.value
                running.began(id)
                defer { running.ended(id) }
                await serve(connection, output)
                await connection.close()
                await execution.teardown(
                    using: [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))])
                // The leader is gone; its children may not be.
                try? execution.send(signal: .kill, toProcessGroup: true)
            }
            await reapOrphans(of: result.processIdentifier.value)
            return connection.isHanging ? .hung : WorkerEnd(result.terminationStatus)
        } catch {
            await connection.close()
            guard error is SubprocessError else { throw error }
            throw notStarted("\(error)")
        }
    }

    /// What is started: Python, or what becomes Python once it has become whom it runs as.
    private var command: (executable: Executable, arguments: [String]) {
        get throws {
            let arguments = ["-u", "-c", WorkerScript.python, String(limits.frameBytes), String(memoryBytes ?? 0)]
            guard let account else { return (python.subprocessExecutable, arguments) }
            guard let path = python.path else { throw notStarted("there is none on the PATH") }
            return (.path(FilePath(account.switching.path)), account.switching.arguments + [path] + arguments)
        }
    }

    private func notStarted(_ reason: String) -> RuntimeError {
        RuntimeError(
            .unavailable, "\(python.executable) cannot be started: \(reason)",
            hint: "Pass a Python that has mlflow with --python or MARTLET_PYTHON.")
    }

    /// A group of its own: what the model starts beside itself can be ended with it.
    private var platformOptions: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        return options
    }

    /// What the model started has been killed. Where the server is the first process of a container, or adopts orphans for
    /// another reason, it has to take note of their end, or they stay as zombies. Only those of the group are asked for.
    private func reapOrphans(of group: pid_t) async {
        await withCheckedContinuation { continuation in
            threads.submit { _ in
                var status: CInt = 0
                while waitpid(-group, &status, 0) > 0 {}
                continuation.resume()
            }
        }
    }

    /// One thread each: a request keeps one core busy, and forks after OpenMP hang. What opens the server's own stores is no
    /// business of a model.
    private func environment(_ scratch: WorkerScratch?) -> [String: String] {
        var environment = python.environment.filter { name, _ in
            !["MARTLET_", "AWS_", "PGPASS"].contains { name.hasPrefix($0) }
        }
        if let scratch {
            for name in ["HOME", "TMPDIR"] { environment[name] = scratch.path }
        }
        // Arrow's own allocator sets a gibibyte aside, which a limit counts.
        if memoryBytes != nil { environment["ARROW_DEFAULT_MEMORY_POOL"] = "system" }
        return environment.merging([
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
        ]) { inherited, _ in inherited }
    }
}

extension WorkerEnd {
    fileprivate init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code: Int(code))
        case .signaled(let signal): self = .signaled(Int(signal))
        }
    }
}
