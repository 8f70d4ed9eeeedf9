import Logging
import NIOCore
import Natives
import Subprocess
import Wire

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// How long things may take, and how large they may be.
package struct WorkerLimits: Sendable, Hashable {
    /// From the start of the process until the model is loaded and has made its warm-up prediction.
    package var loading: Duration = .seconds(180)
    /// One prediction; whatever takes longer hangs, and its process is ended.
    package var answer: Duration = .seconds(60)
    /// How many requests may wait while one is under way.
    package var waitingRequests = 256
    package var frameBytes = 256 << 20
    package var backOff = BackOff()

    package init() {}
}

/// The recipe for one worker process.
struct WorkerProcess: Sendable {
    let folder: ModelFolder
    let python: PythonInterpreter
    let limits: WorkerLimits
    let group: any EventLoopGroup
    let log: WorkerLog

    /// Runs a process from its start to its end.
    /// - Parameter serve: gets the connection once the process runs; the process is ended when it returns.
    /// - Returns: how the process ended, in words.
    /// - Throws: `RuntimeError` when it cannot be started.
    func run(_ serve: sending @escaping (WorkerConnection) async -> Void) async throws -> String {
        let sockets = try SocketPair()
        // Takes our end over at once, so that it is closed whatever happens.
        let connection = try await WorkerConnection.adopt(
            socket: sockets.ours, group: group, maximumFrameBytes: limits.frameBytes)
        var options = PlatformOptions()
        // A group of its own: what the model starts beside itself can be ended with it.
        options.processGroupID = 0
        do {
            let result = try await Subprocess.run(
                python.subprocessExecutable,
                arguments: ["-u", "-c", WorkerScript.python, String(limits.frameBytes)],
                environment: .custom(environment.subprocessKeys), workingDirectory: "/", platformOptions: options,
                input: .fileDescriptor(sockets.theirs, closeAfterSpawningProcess: true), output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                async let printed: Void = record(execution.standardOutput)
                await serve(connection)
                await connection.close()
                await execution.teardown(
                    using: [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))])
                // The leader is gone; its children may not be.
                try? execution.send(signal: .kill, toProcessGroup: true)
                await printed
            }
            return Self.words(for: result.terminationStatus)
        } catch {
            await connection.close()
            guard error is SubprocessError else { throw error }
            throw RuntimeError(
                .unavailable, "\(python.executable) cannot be started: \(error)",
                hint: "Pass a Python that has mlflow with --python or MARTLET_PYTHON.")
        }
    }

    private func record(_ output: SubprocessOutputSequence) async {
        do {
            for try await buffer in output { buffer.withUnsafeBytes { log.receive($0) } }
        } catch {
            log.receive("The worker's output cannot be read: \(error)\n".utf8)
        }
    }

    /// One thread each: a request keeps one core busy, and forks after OpenMP hang.
    private var environment: [String: String] {
        python.environment.merging([
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
        ]) { inherited, _ in inherited }
    }

    private static func words(for status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "exit code \(code)"
        case .signaled(9): "killed, perhaps because memory ran out"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}
