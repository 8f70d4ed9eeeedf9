package import Jobs
import Subprocess
import Wire

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Does what a monitor wants done on an alert, as a job of the durable queue: runs a command, such as a retraining script, or
/// rolls the endpoint back.
package struct AlertAction: Sendable {
    private let alerts: AlertStore
    private let environment: @Sendable () async throws -> [String: String]
    private let rollBack: @Sendable (Alert) async throws -> String
    /// The monitors whose commands run.
    private let underWay = UnderWay()

    /// Jobs of two kinds, so that an endpoint is rolled back while a command trains for hours.
    package static let commandKind = "alert-command"
    package static let rollbackKind = "alert-rollback"
    /// With pauses that double, about a quarter of an hour.
    static let maximumAttempts = 10
    /// A command that takes longer hangs, and is ended.
    static let longest = Duration.seconds(6 * 3600)
    /// How long a command waits before it looks again whether another one of its monitor has ended.
    static let pause = Duration.seconds(5)
    /// So many commands run at once on a server, and so many endpoints are rolled back.
    package static let atOnce = 4

    /// - Parameters:
    ///   - environment: what every command gets: PATH, HOME, and where this server is (MARTLET_URL, MLFLOW_TRACKING_URI, the
    ///     token if there is one).
    ///   - rollBack: takes back the version that the alert is about, and says in a sentence what answers now.
    package init(
        alerts: AlertStore, environment: @escaping @Sendable () async throws -> [String: String],
        rollBack: @escaping @Sendable (Alert) async throws -> String
    ) {
        self.alerts = alerts
        self.environment = environment
        self.rollBack = rollBack
    }

    /// What a job worker needs to run commands. A command that started is not run again, whatever its exit code; one that was
    /// cut off by the end of the server is.
    package var commands: JobHandler { handler(of: Self.commandKind) }

    /// What a job worker needs to roll back.
    package var rollbacks: JobHandler { handler(of: Self.rollbackKind) }

    private func handler(of kind: String) -> JobHandler {
        JobHandler(kind: kind, maximumAttempts: Self.maximumAttempts) { job in
            do {
                return try await run(job)
            } catch let problem as any Problem where problem.code.status < 500 {
                throw FinalFailure(problem)
            }
        }
    }

    private func run(_ job: Job) async throws -> JSON {
        let fields = try Fields(job.payload)
        let alert = try await alerts.alert(id: try fields.string("alert_id"))
        guard alert.state == .open else { return ["skipped": "The alert was closed before its command was due."] }
        let command = try fields.strings("command")
        guard !command.isEmpty else {
            let words = try await rollBack(alert)
            return try await once {
                try await alerts.recordRollback(of: alert.id, jobID: job.id, words)
                return ["log": .string(words)]
            }
        }
        // Two that train the same model would undo each other's work.
        guard underWay.begin(alert.monitor) else { throw PostponedJob(for: Self.pause) }
        defer { underWay.end(alert.monitor) }
        let folder = try fields.optionalString("working_directory")
        let variables = try await variables(for: alert)
        return try await once {
            let (exitCode, log) = try await execute(command, in: folder, with: variables, for: alert)
            try await alerts.recordEnd(of: alert.id, jobID: job.id, exitCode: exitCode)
            return ["exit_code": .integer(Int64(exitCode)), "log": .string(log)]
        }
    }

    /// What may not be tried again because it may have been done.
    private func once(_ body: () async throws -> JSON) async throws -> JSON {
        do {
            return try await body()
        } catch let error where !(error is CancellationError) {
            throw FinalFailure(error)
        }
    }

    private func variables(for alert: Alert) async throws -> [String: String] {
        try await environment().merging([
            "MARTLET_ENDPOINT": alert.endpoint, "MARTLET_MONITOR": alert.monitor, "MARTLET_ALERT_ID": alert.id,
            "MARTLET_WINDOW_START": String(alert.since.milliseconds),
        ]) { _, own in own }
    }

    /// Runs a command to its end, in a process group of its own: when the command takes too long or the server ends, what
    /// it started ends with it.
    /// - Returns: its exit code (128 + the signal's number when one ended it) and the end of what it wrote.
    /// - Throws: `IncidentError` when it cannot be started or takes too long.
    private func execute(
        _ command: [String], in folder: String?, with variables: [String: String], for alert: Alert
    ) async throws -> (exitCode: Int, log: String) {
        guard let program = command.first else { throw FieldProblem.missing("command") }
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(10))
        ]
        let configuration = Configuration(
            executable: program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(
                Dictionary(
                    variables.map { (Environment.Key(stringLiteral: $0), $1) },
                    uniquingKeysWith: { _, last in last })),
            workingDirectory: folder.map { FilePath($0) }, platformOptions: options)
        do {
            return try await withDeadline(Self.longest) {
                let result = try await Subprocess.run(
                    configuration, input: .none, output: .sequence, error: .combinedWithOutput
                ) { execution in
                    var tail = LogTail()
                    for try await buffer in execution.standardOutput { buffer.withUnsafeBytes { tail.append($0) } }
                    return tail.text
                }
                return (Self.exitCode(result.terminationStatus), result.closureResult)
            }
        } catch let error as SubprocessError {
            throw IncidentError(
                .invalidParameterValue, "The command \(command) cannot be started: \(error)",
                hint:
                    "Check 'on_alert' of monitor '\(alert.monitor)': the program must be on the server's PATH and the "
                    + "working directory must exist.")
        }
    }

    private static func exitCode(_ status: TerminationStatus) -> Int {
        switch status {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }

    private func withDeadline<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                // When the server shuts down it is the command that says how it ended.
                guard (try? await Task.sleep(for: limit)) != nil else { return nil }
                throw IncidentError(.deadlineExceeded, "The command took longer than \(limit) and was ended.")
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
