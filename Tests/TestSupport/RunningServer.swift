import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A `martlet server` in a process of its own, on a free port, over a folder of the test. Started again over the same
/// folder it is the server after a crash or an update.
package struct RunningServer: Sendable {
    /// To talk to it.
    package let client: LiveServer
    let processID: Int32
    private let signalled: @Sendable (Signal) throws -> Void

    package var url: String { client.url }

    /// How a server ended, and all it printed.
    package struct End: Sendable {
        /// Nil when a signal ended it.
        package let exitCode: Int32?
        package let output: String
    }

    /// Starts a server, hands it to `body` once it listens, and ends it gracefully when `body` is done.
    /// - Parameter launcher: makes the command of another program that starts the server in its own place.
    /// - Throws: `DidNotStart` with what it printed when it ends before it listens.
    @discardableResult
    package static func run<Value: Sendable>(
        data: String, _ arguments: [String] = [], environment: [String: String] = [:],
        in folder: String = BuiltProgram.package.path(percentEncoded: false),
        launchedBy launcher: ([String]) -> [String] = \.self,
        _ body: @escaping @Sendable (RunningServer) async throws -> Value
    ) async throws -> (value: Value, end: End) {
        let variables = ["PATH": "/usr/bin:/bin", "HOME": data].merging(environment) { _, own in own }
        let command = launcher(
            [BuiltProgram.path.string, "server", "--port", "0", "--data", data, "--python", ".venv/bin/python"]
                + arguments)
        let configuration = Configuration(
            executable: .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
            environment: .only(variables), workingDirectory: FilePath(folder))
        let result = try await Subprocess.run(
            configuration, input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            let signal: @Sendable (Signal) throws -> Void = { try execution.send(signal: $0) }
            let processID = execution.processIdentifier.value
            return try await follow(execution.standardOutput, processID, signal: signal, body)
        }
        var exitCode: Int32?
        if case .exited(let code) = result.terminationStatus { exitCode = code }
        let (value, output) = result.closureResult
        return (try value.get(), End(exitCode: exitCode, output: output))
    }

    /// Reads what the server prints until it has ended; runs `body` as soon as that names its address.
    private static func follow<Value: Sendable>(
        _ printed: SubprocessOutputSequence, _ processID: Int32, signal: @escaping @Sendable (Signal) throws -> Void,
        _ body: @escaping @Sendable (RunningServer) async throws -> Value
    ) async throws -> (Swift.Result<Value, any Error>, output: String) {
        var text = ""
        var work: Task<Swift.Result<Value, any Error>, Never>?
        for try await line in printed.strings() {
            text += line + "\n"
            guard work == nil, let port = port(in: text) else { continue }
            work = Task {
                let result: Swift.Result<Value, any Error>
                do {
                    let server = RunningServer(client: LiveServer(port: port), processID: processID, signalled: signal)
                    result = .success(try await body(server))
                } catch {
                    result = .failure(error)
                }
                // It may have been killed by `body`.
                try? signal(.terminate)
                return result
            }
        }
        guard let work else { return (.failure(DidNotStart(output: text)), text) }
        return (await work.value, text)
    }

    private static func port(in text: String) -> Int? {
        text.firstMatch(of: /listening on http:\/\/[^\n]*:(\d+)\n/).flatMap { Int($0.1) }
    }

    /// As the kernel ends it when memory runs out: no chance to finish anything.
    package func kill() throws {
        try signalled(.kill)
    }

    /// As an administrator ends it, or Ctrl-C: what is under way is finished first.
    package func terminate() throws {
        try signalled(.terminate)
    }

    /// The most memory that it has held so far, in bytes.
    package var peakMemoryBytes: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
            let peak = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }
            return (peak ?? .max >> 10) << 10
        }
    }

    package struct DidNotStart: Error {
        package let output: String
    }
}
