import Foundation
import Subprocess
import SystemPackage

/// The `martlet` that was built beside the tests.
enum BuiltProgram {
    static let path: FilePath = {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath
        let folder =
            bundle.map { FilePath($0).removingLastComponent() }
            ?? FilePath(CommandLine.arguments[0]).removingLastComponent()
        return folder.appending("martlet")
    }()

    struct Result {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    /// Runs the program to its end.
    static func run(_ arguments: [String], environment: [Environment.Key: String] = [:]) async throws -> Result {
        let record = try await Subprocess.run(
            .path(path), arguments: Arguments(arguments), environment: .custom(environment),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        var code: Int32 = -1
        if case .exited(let status) = record.terminationStatus { code = status }
        return Result(exitCode: code, output: record.standardOutput ?? "", errors: record.standardError ?? "")
    }
}

extension FilePath {
    func removingLastComponent() -> FilePath {
        var copy = self
        copy.removeLastComponent()
        return copy
    }
}
