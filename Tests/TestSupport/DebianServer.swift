import Foundation
import Subprocess
import SystemPackage

/// A server from Debian's packages, in a process of its own on a free port of this machine: Prometheus and Alertmanager, which
/// say where they listen in the same words.
package enum DebianServer {
    /// Starts a Prometheus.
    /// - Parameters:
    ///   - configuration: as in `prometheus.yml`; paths in it are relative to `folder`.
    ///   - folder: an empty one for it alone.
    package static func prometheus<Value: Sendable>(
        configuration: String, in folder: TemporaryFolder,
        _ body: @escaping @Sendable (LiveServer) async throws -> Value
    ) async throws -> Value {
        let file = folder.path("prometheus.yml")
        try Data(configuration.utf8).write(to: URL(filePath: file))
        return try await run(
            "/usr/bin/prometheus",
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(folder.path("prometheus-data"))",
                "--web.listen-address=127.0.0.1:0",
            ], body)
    }

    /// Starts an Alertmanager that talks to no others.
    /// - Parameter configuration: as in `alertmanager.yml`.
    package static func alertmanager<Value: Sendable>(
        configuration: String, in folder: TemporaryFolder,
        _ body: @escaping @Sendable (LiveServer) async throws -> Value
    ) async throws -> Value {
        let file = folder.path("alertmanager.yml")
        try Data(configuration.utf8).write(to: URL(filePath: file))
        return try await run(
            "/usr/bin/prometheus-alertmanager",
            [
                "--config.file=\(file)", "--storage.path=\(folder.path("alertmanager-data"))",
                "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
            ], body)
    }

    package struct DidNotStart: Error {
        package let output: String
    }

    /// Hands a program to `body` once it is ready, and ends it afterwards.
    private static func run<Value: Sendable>(
        _ program: String, _ arguments: [String], _ body: @escaping @Sendable (LiveServer) async throws -> Value
    ) async throws -> Value {
        let configuration = Configuration(
            executable: .path(FilePath(program)), arguments: Arguments(arguments))
        let result = try await Subprocess.run(
            configuration, input: .none, output: .sequence, error: .combinedWithOutput
        ) { execution in
            var text = ""
            var work: Task<Swift.Result<Value, any Error>, Never>?
            for try await line in execution.standardOutput.strings() {
                guard work == nil else { continue }
                text += line + "\n"
                guard let port = line.firstMatch(of: /msg="Listening on" address=\S*:(\d+)/).flatMap({ Int($0.1) })
                else {
                    continue
                }
                work = Task {
                    let result: Swift.Result<Value, any Error>
                    do {
                        let server = LiveServer(port: port)
                        while try await server.get("/-/ready").status != 200 { try Task.checkCancellation() }
                        result = .success(try await body(server))
                    } catch {
                        result = .failure(error)
                    }
                    try? execution.send(signal: .terminate)
                    return result
                }
            }
            guard let work else { throw DidNotStart(output: text) }
            return await work.value
        }
        return try result.closureResult.get()
    }
}
