import Foundation
import TestSupport
import Testing

/// Help is part of the product: each command's text is kept in Help/, and `UPDATE_HELP=1 make test` rewrites the files.
@Suite struct HelpTests {
    static let commands = [
        [], ["server"], ["apply"], ["get"], ["experiments"], ["experiments", "list"], ["experiments", "get"], ["runs"],
        ["runs", "list"], ["runs", "get"], ["models"], ["models", "list"], ["models", "get"], ["endpoints"],
        ["endpoints", "list"], ["endpoints", "get"], ["endpoints", "printed"], ["endpoints", "delete"], ["predictions"],
        ["predictions", "list"],
        ["predictions", "get"], ["predictions", "import"], ["predictions", "export"], ["predictions", "usage"],
        ["rewards"], ["rewards", "send"],
        ["rewards", "result"], ["batch"], ["batches"], ["batches", "list"],
        ["batches", "get"], ["batches", "cancel"], ["monitors"],
        ["monitors", "list"],
        ["monitors", "get"], ["monitors", "windows"], ["monitors", "drift"], ["monitors", "performance"],
        ["monitors", "slices"], ["monitors", "cost"],
        ["monitors", "reference"], ["monitors", "delete"], ["profile"], ["drift"], ["alerts"],
        ["alerts", "list"],
        ["alerts", "get"], ["alerts", "silence"], ["alerts", "silences"], ["alerts", "unsilence"], ["incidents"],
        ["incidents", "list"], ["incidents", "get"], ["incidents", "acknowledge"], ["incidents", "assign"],
        ["incidents", "comment"], ["incidents", "resolve"], ["incidents", "reopen"], ["incidents", "report"],
        ["channels"], ["channels", "list"], ["channels", "test"], ["channels", "delete"], ["trash"], ["trash", "list"],
        ["trash", "restore"], ["trash", "purge"], ["import"],
        ["import", "mlflow"], ["import", "martlet"], ["export"], ["audit"],
        ["audit", "list"], ["audit", "verify"], ["health"], ["version"],
    ]

    @Test(arguments: commands)
    func helpReadsAsReviewed(command: [String]) async throws {
        let result = try await BuiltProgram.run(command + ["--help"], environment: ["COLUMNS": "100"])
        #expect(result.exitCode == 0)
        let name = (["martlet"] + command).joined(separator: "-") + ".txt"
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Help/\(name)")
        if ProcessInfo.processInfo.environment["UPDATE_HELP"] != nil {
            try Data(result.output.utf8).write(to: source)
        }
        let reviewed = try String(contentsOf: source, encoding: .utf8)
        #expect(result.output == reviewed, "Run 'UPDATE_HELP=1 make test' and review the change.")
    }
}
