package import Foundation
import Subprocess
package import SystemPackage

/// The `martlet` that was built beside the tests, run as a person runs it.
package enum BuiltProgram {
    package static var path: FilePath {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        var path = FilePath(bundle?.bundlePath ?? CommandLine.arguments[0])
        path.removeLastComponent()
        path.append("martlet")
        return path
    }

    /// The folder of the package, from which people start things.
    package static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The Python that set-up installs.
    package static var python: FilePath {
        FilePath(package.appending(path: ".venv/bin/python").path(percentEncoded: false))
    }

    package struct Result: Sendable {
        package let exitCode: Int32
        package let output: String
        package let errors: String
    }

    /// Runs the program to its end with nothing but `environment` around it.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
    ) async throws -> Result {
        try await run(path, arguments, environment: environment, in: folder)
    }

    /// Runs any program to its end.
    package static func run(
        _ program: FilePath, _ arguments: [String], environment: [String: String], in folder: String? = nil
    ) async throws -> Result {
        let record = try await Subprocess.run(
            .path(program), arguments: Arguments(arguments), environment: .only(environment),
            workingDirectory: folder.map { FilePath($0) }, output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        var code: Int32 = -1
        if case .exited(let status) = record.terminationStatus { code = status }
        return Result(exitCode: code, output: record.standardOutput, errors: record.standardError)
    }
}

extension Environment {
    /// An environment of nothing but `variables`.
    static func only(_ variables: [String: String]) -> Environment {
        .custom(
            Dictionary(
                variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) },
                uniquingKeysWith: { first, _ in first }))
    }
}
