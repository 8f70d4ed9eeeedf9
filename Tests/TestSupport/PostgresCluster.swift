import Foundation
import SystemPackage

/// A PostgreSQL of the tests' own, gone with the process. One for all tests is started by the first that needs it; a test
/// that stops the server has one for itself.
package actor PostgresCluster {
    static let shared = Task { try await start() }

    private let port: String
    private let folder: String
    private var made = 0
    /// Databases that a test has let go of. They are used again: making one takes ten times as long as emptying one.
    private var free: [String] = []

    private init(port: String, folder: String) {
        self.port = port
        self.folder = folder
    }

    package static func start() async throws -> PostgresCluster {
        // Not a `TemporaryFolder`: the cluster removes it itself, for the process may end without a word.
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = BuiltProgram.package.appending(path: "tools/postgres").path(percentEncoded: false)
        let pid = ProcessInfo.processInfo.processIdentifier
        let result = try await BuiltProgram.run(
            FilePath(script), [folder, "\(pid)"], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        guard result.exitCode == 0 else { throw Failed(command: script, output: result.errors) }
        return PostgresCluster(port: result.output.trimmingCharacters(in: .whitespacesAndNewlines), folder: folder)
    }

    /// The URL of a database for which nobody else asks.
    package func database() async throws -> String {
        try await takeDatabase(nil).url
    }

    /// Ends the server as a machine that breaks down does: connections break, and nothing is tidied up.
    package func stop() async throws {
        try Data().write(to: URL(filePath: "\(folder)/stopped"))
        let lines = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
        _ = try await BuiltProgram.run(
            "/usr/bin/kill", ["-QUIT", "\(lines.prefix { !$0.isNewline })"], environment: [:])
    }

    /// Starts it again, and does not wait until it answers.
    package func startAgain() throws {
        try FileManager.default.moveItem(atPath: "\(folder)/stopped", toPath: "\(folder)/again")
    }

    /// An empty database that nobody else uses.
    /// - Parameter options: of CREATE DATABASE, for one that is not like others.
    /// - Returns: its name and URL.
    func takeDatabase(_ options: String?) async throws -> (name: String, url: String) {
        let name: String
        if options == nil, let old = free.popLast() {
            name = old
            try await run(
                [Self.endConnections(to: name), "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"], in: name)
        } else {
            made += 1
            name = "test\(made)"
            try await run(["CREATE DATABASE \(name) \(options ?? "")"], in: "postgres")
        }
        return (name, "postgres://martlet@127.0.0.1:\(port)/\(name)")
    }

    func giveBack(_ name: String) {
        free.append(name)
    }

    /// Ends every connection to a database from outside, as an administrator or a restart of the server does.
    func endConnections(to name: String) async throws {
        try await run([Self.endConnections(to: name)], in: "postgres")
    }

    private static func endConnections(to name: String) -> String {
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = '\(name)' AND pid <> pg_backend_pid()
        """
    }

    /// Runs statements as an administrator does.
    private func run(_ statements: [String], in database: String) async throws {
        let commands = statements.flatMap { ["-c", $0] }
        let result = try await BuiltProgram.run(
            "/usr/bin/psql",
            ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", port, "-U", "martlet", "-d", database]
                + commands, environment: [:])
        guard result.exitCode == 0 else { throw Failed(command: "\(statements)", output: result.errors) }
    }

    struct Failed: Error {
        let command: String
        let output: String
    }
}
