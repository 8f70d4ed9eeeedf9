import Foundation
import Subprocess
import SystemPackage

/// The `martlet` that was built beside the tests.
enum BuiltProgram {
    static var path: FilePath {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        var path = FilePath(bundle?.bundlePath ?? CommandLine.arguments[0])
        path.removeLastComponent()
        path.append("martlet")
        return path
    }

    struct Result {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    /// Runs the program to its end with nothing but `environment` around it.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        let variables = environment.map { (Environment.Key(rawValue: $0.key) ?? "_", $0.value) }
        let record = try await Subprocess.run(
            .path(path), arguments: Arguments(arguments),
            environment: .custom(Dictionary(variables, uniquingKeysWith: { first, _ in first })),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        var code: Int32 = -1
        if case .exited(let status) = record.terminationStatus { code = status }
        return Result(exitCode: code, output: record.standardOutput, errors: record.standardError)
    }
}
