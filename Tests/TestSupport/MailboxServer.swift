import Foundation
import Subprocess
import SystemPackage
package import Wire

/// A real mail server (aiosmtpd) in a process of its own, which writes down the letters that it takes.
package struct MailboxServer: Sendable {
    package let port: Int
    private let folder: TemporaryFolder

    /// In PEM; what it shows to those who encrypt.
    package var certificate: String { folder.path("cert.pem") }

    /// Starts one, hands it to `body`, and ends it.
    /// - Parameter mode: `plain`, `starttls`, `login` (as `starttls`, without PLAIN) or `tls`. `ann` logs in with `s3cret`.
    package static func run<Value: Sendable>(
        _ mode: String, _ body: @escaping @Sendable (MailboxServer) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder()
        let script = BuiltProgram.package.appending(path: "Tests/OutboundTests/smtp_server.py")
        let configuration = Configuration(
            executable: .path(BuiltProgram.python),
            arguments: [script.path(percentEncoded: false), folder.path, mode],
            environment: .only(["PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"]))
        let result = try await Subprocess.run(
            configuration, input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else { continue }
                let value: Swift.Result<Value, any Error>
                do {
                    value = .success(try await body(MailboxServer(port: port, folder: folder)))
                } catch {
                    value = .failure(error)
                }
                try await execution.standardInputWriter.finish()
                return value
            }
            throw NotThere()
        }
        return try result.closureResult.get()
    }

    /// What it has taken, oldest first.
    package func letters() throws -> [JSON] {
        guard let text = try? String(contentsOfFile: folder.path("letters"), encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSON.parse(String($0).utf8) }
    }

    /// It ended at once; is aiosmtpd in .venv? Run tools/setup.
    package struct NotThere: Error {}
}
