import Foundation
import Logging
import NIOPosix
package import Natives
package import Runtimes
import Subprocess
import TestSupport
package import Wire

/// Real models, trained once for all tests by the Python that set-up installs.
package struct TrainedModels: Sendable {
    package static let python = PythonInterpreter(
        executable: root + "/.venv/bin/python", environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"])

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false).trimmingSuffix("/")
    private static let made = Task { try await train() }

    private let folder: TemporaryFolder

    package static func get() async throws -> TrainedModels {
        try await made.value
    }

    private static func train() async throws -> TrainedModels {
        let folder = try TemporaryFolder.untilExit()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "models.py")
        let result = try await Subprocess.run(
            python.subprocessExecutable, arguments: [script.path(percentEncoded: false), folder.path],
            environment: .custom(python.environment.subprocessKeys), output: .discarded, error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw TrainingFailed(output: result.standardError)
        }
        return TrainedModels(folder: folder)
    }

    struct TrainingFailed: Error {
        let output: String
    }

    package func path(_ name: String) -> String {
        folder.path(name)
    }

    /// Rows and what MLflow's pyfunc answers for them.
    package func expectation(_ name: String) throws -> (columns: [String]?, rows: [[JSON]], predictions: JSON) {
        let json = try JSON.parse(try Data(contentsOf: URL(filePath: folder.path("\(name).json"))))
        return (
            json["columns"]?.arrayValue?.compactMap(\.stringValue),
            json["data"]?.arrayValue?.compactMap(\.arrayValue) ?? [], json["predictions"] ?? .null
        )
    }

    /// What MLflow's pyfunc answers to each of the first rows by itself.
    package func singles(_ name: String) throws -> [JSON] {
        let json = try JSON.parse(try Data(contentsOf: URL(filePath: folder.path("\(name).json"))))
        return json["singles"]?.arrayValue ?? []
    }

    /// In which words MLflow's pyfunc refuses the first row with a gap; nil when nobody has asked it.
    package func refusal(_ name: String) throws -> String? {
        let json = try JSON.parse(try Data(contentsOf: URL(filePath: folder.path("\(name).json"))))
        return json["refusal"]?.stringValue
    }

    /// What MLflow's scoring server answers when a model answers this way.
    package func servedShape(_ command: String) throws -> JSON? {
        try JSON.parse(try Data(contentsOf: URL(filePath: folder.path("shapes.json"))))[command]
    }

    package static func runtimes(
        _ limits: WorkerLimits = WorkerLimits(), python: PythonInterpreter = python
    ) -> ModelRuntimes {
        ModelRuntimes(
            python: python, limits: limits, group: MultiThreadedEventLoopGroup.singleton, threads: .singleton,
            logger: LiveServer.quiet)
    }

    /// Loads a model, hands it to `body` and closes it.
    package func run(
        _ name: String, role: ModelRole? = nil, limits: WorkerLimits = WorkerLimits(),
        settings: RuntimeSettings = RuntimeSettings(),
        _ body: (any ModelRuntime) async throws -> Void
    ) async throws {
        let runtime = try await Self.runtimes(limits).load(path: path(name), role: role, settings: settings)
        do {
            try await body(runtime)
        } catch {
            await runtime.close()
            throw error
        }
        await runtime.close()
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}

extension ModelRuntime {
    /// A batch of rows as the model's signature wants it.
    package func batch(_ rows: [[JSON]], columns names: [String]) throws -> Batch {
        guard case .columns(let columns) = signature?.inputs else { throw CancellationError() }
        var builder = try BatchBuilder(columns: columns, sent: names)
        for row in rows { try builder.append(row: row) }
        return builder.batch
    }

    package func predictions(_ rows: [[JSON]], columns names: [String]) async throws -> JSON? {
        try await predict(.table(try batch(rows, columns: names)), parameters: nil).predictions
    }

    /// What it answers to rows as the model's signature wants them: a table, or one tensor.
    package func predictions(_ rows: [[JSON]], columns names: [String]?) async throws -> JSON? {
        if let names { return try await predictions(rows, columns: names) }
        return try await predict(.tensors([try tensor(rows)]), parameters: nil).predictions
    }

    /// The one tensor that the model's signature wants.
    package func tensor(_ rows: [[JSON]]) throws -> Tensor {
        guard case .tensors(let specs) = signature?.inputs else { throw CancellationError() }
        return try Tensor(.array(rows.map(JSON.array)), for: specs[0])
    }
}
