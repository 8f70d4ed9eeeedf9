import Events
import Incidents
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
    private func trigger(
        of alert: Alert, in fixture: MonitoringFixture,
        rollBack: @escaping @Sendable (Alert) async throws -> String = { alert in
            "\(alert.model)/\(alert.version) was taken back."
        }
    ) async throws -> AlertTrigger {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let action = AlertAction(alerts: fixture.alerts) {
            ["PATH": "/usr/bin:/bin", "MARTLET_URL": "http://here"]
        } rollBack: {
            try await rollBack($0)
        }
        let handlers = [action.commands, action.rollbacks].map { handler in
            JobHandler(kind: handler.kind, maximumAttempts: handler.maximumAttempts) { job in
                defer { end.yield() }
                return try await handler.run(job)
            }
        }
        let worker = JobWorker(queue: fixture.jobs, handlers: handlers, logger: LiveServer.quiet)
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
            trigger.log == "/usr\nhttp://here clinic health \(alert.id) \(alert.since.milliseconds)\n")
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

    @Test func commandsOfOneMonitorRunOneAfterTheOther() async throws {
        let (fixture, alert) = try await alerted("{run: [sh, -c, \"exit 7\"]}")
        let gate = Turnstile(places: 1)
        try await gate.enter()
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let action = AlertAction(alerts: fixture.alerts) {
            begin.yield()
            try await gate.enter()
            gate.leave()
            return ["PATH": "/usr/bin:/bin"]
        } rollBack: { _ in
            ""
        }
        let id = try #require(alert.jobID)
        let job = try #require(try await fixture.jobs.job(id: id))
        try await withThrowingTaskGroup(of: JSON.self) { group in
            group.addTask { try await action.commands.run(job) }
            for await _ in begun { break }
            await #expect(throws: PostponedJob.self) { try await action.commands.run(job) }
            gate.leave()
            let result = try await group.next()
            #expect(result?["exit_code"] == 7)
        }
        #expect(try await action.commands.run(job)["exit_code"] == 7, "It is over.")
    }

    @Test func rollsBackWhereTheMonitorSaysSo() async throws {
        let (fixture, alert) = try await alerted("{rollback: true}")
        let trigger = try await trigger(of: alert, in: fixture)
        #expect(trigger.state == "done")
        #expect(trigger.log == "clinic/1 was taken back.")
        let kinds = try await fixture.events.events(after: 0, subject: "alerts/\(alert.id)", limit: 9).map(\.kind)
        #expect(kinds == ["alert.opened", "alert.rolled-back"])
    }

    @Test func aRollbackIsTriedAgainUntilThereIsNothingToTakeBack() async throws {
        let (fixture, alert) = try await alerted("{rollback: true}")
        let busy: @Sendable (Alert) async throws -> String = { _ in throw IncidentError(.unavailable, "Busy.") }
        #expect(try await trigger(of: alert, in: fixture, rollBack: busy).state == "queued")
        fixture.clock.advance(by: 10_000)
        let conflict: @Sendable (Alert) async throws -> String = { _ in throw IncidentError(.conflict, "Gone.") }
        let end = try await trigger(of: alert, in: fixture, rollBack: conflict)
        #expect(end.state == "failed")
        #expect(end.log?.contains("Gone.") == true)
    }

    @Test func aRollbackDoesNotWaitBehindCommands() async throws {
        var kinds: [String?] = []
        for onAlert in ["{rollback: true}", "{run: [sh, -c, \"true\"]}"] {
            let (fixture, alert) = try await alerted(onAlert)
            kinds.append(try await fixture.jobs.job(id: #require(alert.jobID))?.kind)
        }
        #expect(kinds == [AlertAction.rollbackKind, AlertAction.commandKind])
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
}
