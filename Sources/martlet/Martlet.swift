import ArgumentParser
import Console
import Events
import Exchange
import Experiments
import Foundation
import Incidents
import Manifests
import Monitoring
import Predictions
import Profiling
import Registry
import Scoring
import Serving
import Tracking
import Trash
import Wire

/// The program: every verb, and one place that turns errors into words and exit codes.
@main
struct Martlet: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "The whole life of a machine-learning model, in one program.",
        discussion: """
            Start with 'martlet server', point MLFLOW_TRACKING_URI at it, and open the address it prints.

            Exit codes: 0 ok, 1 failed, 3 not found, 4 not authorised, 5 conflict, 6 a check said no, 7 the server does \
            not answer, 64 wrong use, 130 interrupted.
            """,
        version: version,
        subcommands: [
            ServerCommand.self, ApplyCommand.self, GetCommand.self, ExperimentCommand.self, RunCommand.self,
            ModelCommand.self, EndpointCommand.self, PredictionCommand.self, RewardCommand.self, BatchCommand.self,
            BatchesCommand.self,
            MonitorCommand.self, AlertCommand.self, IncidentCommand.self, ChannelCommand.self, ProfileCommand.self,
            DriftCommand.self, TrashCommand.self,
            ImportCommand.self, ExportCommand.self, AuditCommand.self, HealthCommand.self, VersionCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let problem as any Problem {
            let advice = problem.hint.map { "\n  \($0)" } ?? ""
            FileHandle.standardError.write(Data("martlet: \(problem.message)\(advice)\n".utf8))
            Foundation.exit(problem.code.exitCode)
        } catch {
            exit(withError: error)
        }
    }
}
