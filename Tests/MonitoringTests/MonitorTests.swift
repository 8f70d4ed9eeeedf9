import Manifests
import Testing
import Wire

@testable import Monitoring

@Suite struct MonitorTests {
    private func monitor(_ spec: String) throws -> Monitor {
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: m, team: t}\nspec:\n  \(spec)\n"
        let manifests = try Manifest.parse(yaml: yaml)
        return try Monitor(#require(manifests.first))
    }

    @Test func readsEverythingThatAManifestMaySay() throws {
        let monitor = try monitor(
            """
            endpoint: churn
              reference: validation
              window: { minutes: 5 }
              drift: { false_discovery_rate: 0.05, minimum_effect: 0.3, windows: 4 }
              on_alert: { run: ["python3", "retrain.py"], working_directory: jobs, cooldown_minutes: 60 }
            """)
        #expect(monitor.team == "t")
        #expect(monitor.endpoint == "churn")
        #expect(monitor.reference == "validation")
        #expect(monitor.window == .minutes(5))
        #expect(monitor.rule == DriftRule(falseDiscoveryRate: 0.05, minimumEffect: 0.3, windows: 4))
        #expect(monitor.onAlert?.command == ["python3", "retrain.py"])
        #expect(monitor.onAlert?.workingDirectory == "jobs")
        #expect(monitor.onAlert?.cooldownMinutes == 60)
    }

    @Test func anEndpointIsEnough() throws {
        let monitor = try monitor("endpoint: churn")
        #expect(monitor.reference == "training")
        #expect(monitor.window == .standard)
        #expect(monitor.rule == .standard)
        #expect(monitor.onAlert == nil)
    }

    @Test(
        arguments: [
            ("{}", "'endpoint' is missing"),
            ("{endpoint: a, widow: {rows: 50}}", "no key 'widow'"),
            ("{endpoint: a, window: {rows: 50, minutes: 1}}", "either 'rows' or 'minutes'"),
            ("{endpoint: a, window: {}}", "either 'rows' or 'minutes'"),
            ("{endpoint: a, window: {rows: 5}}", "from 20 to 1000000"),
            ("{endpoint: a, drift: {minimum_effect: 2}}", "from 0.0 to 1.0"),
            ("{endpoint: a, on_alert: {run: []}}", "'run' names a program"),
            ("{endpoint: a, on_alert: {run: \"python3 x.py\"}}", "expected a list"),
        ])
    func refusesWhatItCannotDoAndSaysWhere(spec: String, words: String) {
        let error = #expect(throws: ManifestError.self) { try monitor(spec) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("Line 5") == true, "\(error?.message ?? "")")
    }
}
