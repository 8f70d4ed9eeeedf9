import Events
import Jobs
import ServiceLifecycle
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct AlertActionTests {
    /// A monitor whose alert is open, with this to run.
    private func alerted(_ onAlert: String) async throws -> (MonitoringFixture, Alert) {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(String(MonitoringFixture.spec.dropLast()) + ", on_alert: \(onAlert)}")
        try await fixture.predict(PatientTable(100, seed: 3, scale: 1.5))
        await fixture.observe()
        return (fixture, try #require(try await fixture.alerts.alerts(limit: 1).first))
    }

    /// Does the jobs that are due and returns what became of the alert's command.
    private func trigger(of alert: Alert, in fixture: MonitoringFixture) async throws -> AlertTrigger {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let action = AlertAction(alerts: fixture.alerts) { ["PATH": "/usr/bin:/bin", "MARTLET_URL": "http://here"] }
        let handler = JobHandler(kind: AlertAction.jobKind, maximumAttempts: 1) { job in
            defer { end.yield() }
            return try await action.handler.run(job)
        }
        let worker = JobWorker(queue: fixture.jobs, handlers: [handler], logger: LiveServer.quiet)
        let group = ServiceGroup(services: [worker], logger: LiveServer.quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in ends { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        return try #require(try await fixture.alerts.trigger(of: alert))
    }

    @Test func runsTheCommandInItsFolderWithWhatItNeedsToKnow() async throws {
        let script = "pwd; echo $MARTLET_URL $MARTLET_ENDPOINT $MARTLET_MONITOR $MARTLET_ALERT_ID $MARTLET_WINDOW_START"
        let (fixture, alert) = try await alerted("{run: [sh, -c, \"\(script)\"], working_directory: /usr}")
        let trigger = try await trigger(of: alert, in: fixture)
        #expect(trigger.state == "done")
        #expect(trigger.exitCode == 0)
        #expect(
            trigger.log == "/usr\nhttp://here clinic health \(alert.id) \(alert.driftingSince.milliseconds)\n")
        let kinds = try await fixture.events.events(after: 0, subject: "alerts/\(alert.id)", limit: 9).map(\.kind)
        #expect(kinds == ["alert.opened", "alert.command-ended"])
    }

    @Test func keepsTheExitCodeAndBothOutputsOfACommandThatFails() async throws {
        let (fixture, alert) = try await alerted("{run: [sh, -c, \"echo out; echo err >&2; exit 3\"]}")
        let trigger = try await trigger(of: alert, in: fixture)
        #expect(trigger.state == "failed")
        #expect(trigger.exitCode == 3)
        #expect(trigger.log == "out\nerr\n")
    }

    @Test func aProgramThatIsNotThereIsNamed() async throws {
        let (fixture, alert) = try await alerted("{run: [no-such-program]}")
        let trigger = try await trigger(of: alert, in: fixture)
        #expect(trigger.state == "failed")
        #expect(trigger.exitCode == nil)
        #expect(trigger.log?.contains("no-such-program") == true)
        #expect(trigger.log?.contains("on_alert") == true)
    }

    @Test func anAlertThatClosedInTheMeantimeRunsNothing() async throws {
        let (fixture, alert) = try await alerted("{run: [sh, -c, \"echo no\"]}")
        try await fixture.predict(PatientTable(100, seed: 4))
        await fixture.observe()
        let trigger = try await trigger(of: alert, in: fixture)
        #expect(trigger.exitCode == nil)
        #expect(trigger.log?.contains("closed") == true)
    }

    @Test func theNextCommandWaitsForTheCoolDown() async throws {
        let (fixture, first) = try await alerted("{run: [sh, -c, \"true\"], cooldown_minutes: 60}")
        try await fixture.predict(PatientTable(100, seed: 4))
        try await fixture.predict(PatientTable(100, seed: 5, scale: 1.5))
        await fixture.observe()
        let second = try #require(try await fixture.alerts.alerts(state: .open, limit: 1).first)
        let jobs = try [first, second].map { try #require($0.jobID) }
        let due = (
            try #require(try await fixture.jobs.job(id: jobs[0])).dueAt,
            try #require(try await fixture.jobs.job(id: jobs[1])).dueAt
        )
        #expect(due.1.milliseconds - due.0.milliseconds == 3_600_000)
    }

    @Test func onlyTheEndOfALongLogIsKept() {
        var tail = LogTail()
        for line in 0..<50_000 { tail.append("line \(line)\n".utf8) }
        #expect(tail.text.utf8.count <= LogTail.limitBytes + 4)
        #expect(tail.text.hasPrefix("…\nline "))
        #expect(tail.text.hasSuffix("line 49999\n"))
    }
}
