import Database
import Events
import Incidents
import Jobs
import Manifests
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MonitorSchemaTests {
    @Test func windowsAndAlertsOfBeforeThereWereFindingsAreCarriedOver() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + JobSchema.migrations + [MonitorSchema.migrations[0]])
        let verdict: JSON = [
            "name": "worst \"area\"", "kind": "numeric", "effect": 0.4, "measure": "jensen_shannon_distance_base2",
            "test": "kolmogorov_smirnov", "p_value": 1e-9, "adjusted_p_value": 3e-8, "reference_rows": 400,
            "window_rows": 50, "reference_missing_share": 0.0, "window_missing_share": 0.5, "drift": true,
        ]
        try await database.write { transaction in
            try transaction.execute("INSERT INTO monitor_windows VALUES ('health', 3, 'clinic', 1, 1000, 2000, 50)")
            try transaction.execute(
                """
                INSERT INTO monitor_window_columns VALUES ('health', 3, 0, \("worst \"area\""), 'numeric', 0.4,
                    'kolmogorov_smirnov', 1e-9, 3e-8, 400, 50, 0, 0.5, 1, '{}')
                """)
            try transaction.execute(
                """
                INSERT INTO alerts VALUES ('a-1', 'health', 'clinic', 'clinic', 1, 'open', 2000, NULL, 1000,
                    \(JSON.array([verdict])), 2, NULL, NULL)
                """)
        }
        try await database.migrate(
            EventSchema.migrations + JobSchema.migrations + IncidentSchema.migrations
                + MonitorSchema.migrations)

        let clock = SteppedClock().clock
        let alerts = AlertStore(
            database: database, events: EventLog(database: database, clock: clock),
            jobs: JobQueue(database: database, clock: clock, entropy: .system), clock: clock, entropy: .system)
        let window = try #require(
            try await MonitorStore(database: database, alerts: alerts, windows: WindowStore(database: database))
                .windows(of: "health", limit: 9).first)
        #expect(window.drifting == ["worst \"area\""])
        let alert = try #require(try await alerts.alerts(limit: 9).first)
        #expect(alert.findings == window.findings)
        let finding = try #require(alert.findings.first)
        #expect(finding.value == 0.4)
        #expect(finding.adjustedPValue == 3e-8)
        #expect(finding.rows == 50)
        #expect(finding.columnJSON == verdict)
    }
}
