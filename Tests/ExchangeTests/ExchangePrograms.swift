import Foundation
import TestSupport
import Testing
import Wire

/// The built program and the MLflow client, as the tests of imports and exports run them.
enum ExchangePrograms {
    private static let scripts = BuiltProgram.package.appending(path: "Tests/ExchangeTests/Scripts")

    /// Runs a script of these tests, which has to succeed.
    static func python(
        _ script: String, _ arguments: [String], tracking: String, in folder: TemporaryFolder
    ) async throws {
        let path = scripts.appending(path: "\(script).py").path(percentEncoded: false)
        let result = try await BuiltProgram.run(
            BuiltProgram.python, [path] + arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "MLFLOW_TRACKING_URI": tracking,
                "MLFLOW_ALLOW_FILE_STORE": "true", "PYTHONDONTWRITEBYTECODE": "1",
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
                "MLFLOW_DISABLE_TELEMETRY": "true",
                // By which a database of MLflow hides the secrets of webhooks.
                "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            ], in: folder.path)
        #expect(result.exitCode == 0, "\(script): \(result.output)\(result.errors)")
    }

    static func martlet(_ arguments: [String], _ server: RunningServer) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(arguments + ["--server", server.url], environment: ["HOME": "/nonexistent"])
    }

    /// How many of some kinds are new, as `--json` says it.
    static func imported(_ result: BuiltProgram.Result, _ kinds: [String]) throws -> [String: Int64] {
        let counts = try JSON.parse(result.output)["counts"]
        return Dictionary(
            uniqueKeysWithValues: kinds.map { ($0, counts?[$0]?["imported"]?.integerValue ?? -1) })
    }

    /// The sums of an export's files, without those that each server has of its own.
    /// - Parameter own: names of files.
    static func sums(_ export: String, without own: [String]) throws -> Set<String> {
        let text = try String(contentsOfFile: "\(export)/sums.ndjson", encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init)
        return Set(lines.filter { line in !own.contains { line.contains("\"\($0)\"") } })
    }

    /// Exports a server.
    /// - Returns: the folder.
    @discardableResult
    static func export(_ server: RunningServer, to folder: String) async throws -> String {
        let result = try await martlet(["export", folder], server)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        return folder
    }
}

/// A store of MLflow with some of everything, filled once for all tests, which only read it.
final class FilledStore: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case database, folder
    }

    static let database = Task { try await FilledStore(.database) }
    static let folder = Task { try await FilledStore(.folder) }

    private let place: TemporaryFolder
    /// For `MLFLOW_TRACKING_URI`.
    let uri: String
    /// The file or the folder.
    let path: String

    static func get(_ kind: Kind) async throws -> FilledStore {
        switch kind {
        case .database: try await database.value
        case .folder: try await folder.value
        }
    }

    private init(_ kind: Kind) async throws {
        place = try TemporaryFolder()
        path = place.path(kind == .database ? "mlflow.db" : "mlruns")
        uri = (kind == .database ? "sqlite:///" : "file://") + path
        try await ExchangePrograms.python("fill", [], tracking: uri, in: place)
    }
}
