import Foundation
import Natives
import Subprocess
import SystemPackage
import TrainedModels

/// A real server that is not Martlet, in Python: `remote_server.py` says what it answers. One for all tests.
enum RemoteServer {
    private static let started = Task { try await start() }

    /// Where it listens.
    static func url() async throws -> String {
        try await started.value
    }

    /// Starts it; it ends with this process, whose end of its standard input nobody else has.
    private static func start() async throws -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw NotThere() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let input = FileDescriptor(rawValue: ends[0])
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "remote_server.py")
        let model = try await TrainedModels.get().path("pipeline")
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let configuration = Configuration(
            executable: TrainedModels.python.subprocessExecutable,
            arguments: [script.path(percentEncoded: false), model],
            environment: .custom(TrainedModels.python.environment.subprocessKeys))
        Task {
            defer { port.finish() }
            _ = try await Subprocess.run(
                configuration, input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .sequence,
                error: .discarded
            ) { execution in
                for try await line in execution.standardOutput.strings() { Int(line).map { _ = port.yield($0) } }
            }
        }
        guard let number = await ports.first(where: { _ in true }) else { throw NotThere() }
        return "http://127.0.0.1:\(number)"
    }

    struct NotThere: Error {}
}
