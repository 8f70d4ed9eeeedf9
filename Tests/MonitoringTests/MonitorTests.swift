import Incidents
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

    @Test func readsWhatIsMerged() throws {
        #expect(try monitor("endpoint: churn").merged == [])
        let merged = try monitor("{ endpoint: churn, window: { minutes: 5 }, merged: [day, hour] }")
        #expect(merged.merged == [.hour, .day])
        #expect(merged.lengths == [.window, .hour, .day])
        for wrong in ["[week]", "[window]", "[hour, hour]", "hour", "[60]"] {
            #expect(throws: ManifestError.self) { try monitor("{ endpoint: churn, merged: \(wrong) }") }
        }
        // An hour of windows of an hour would be judged twice.
        #expect(throws: ManifestError.self) {
            try monitor("{ endpoint: churn, window: { minutes: 60 }, merged: [hour] }")
        }
        #expect(try monitor("{ endpoint: churn, window: { minutes: 60 }, merged: [day] }").merged == [.day])
    }

    @Test func readsEverythingThatAManifestMaySay() throws {
        let monitor = try monitor(
            """
            endpoint: churn
              type: binary
              reference: validation
              window: { minutes: 5 }
              alarms: { false_alarms_per_month: 0.5, windows: 3, of: 5, detector: cusum }
              drift: { mode: evidently, false_discovery_rate: 0.05, minimum_effect: 0.3, joint: false, outputs: false,
                columns: { age: { minimum_effect: 0.4 }, id: off } }
              quality: { missing: 0.2, range: off, freshness_minutes: 30, columns: { id: off, age: { missing: off } } }
              on_alert: { run: ["python3", "retrain.py"], working_directory: jobs, cooldown_minutes: 60 }
            """)
        #expect(monitor.team == "t")
        #expect(monitor.endpoint == "churn")
        #expect(monitor.task == .binary)
        #expect(monitor.reference == .logged(context: "validation"))
        #expect(monitor.window == .minutes(5))
        #expect(monitor.alarms == AlarmRule(detector: .cusum, windows: 3, of: 5, falseAlarmsPerMonth: 0.5))
        #expect(
            monitor.drift
                == DriftRule(
                    mode: .evidently, falseDiscoveryRate: 0.05, minimumEffect: 0.3, isJoint: false, hasOutputs: false,
                    overrides: ["age": .minimumEffect(0.4), "id": .off]))
        #expect(monitor.drift.minimumEffect(of: "id") == nil)
        #expect(monitor.quality.limits(of: "radius")[.missing] == 0.2)
        #expect(monitor.quality.limits(of: "radius")[.range] == nil)
        #expect(monitor.quality.limits(of: "age")[.missing] == nil)
        #expect(monitor.quality.limits(of: "age")[.nan] == 0.01)
        #expect(monitor.quality.limits(of: "id").isEmpty)
        #expect(monitor.quality.freshnessMinutes == 30)
        #expect(monitor.alerting.onAlert?.command == ["python3", "retrain.py"])
        #expect(monitor.alerting.onAlert?.workingDirectory == "jobs")
        #expect(monitor.alerting.onAlert?.cooldownMinutes == 60)
    }

    @Test func anEndpointIsEnough() throws {
        let monitor = try monitor("endpoint: churn")
        #expect(monitor.task == nil)
        #expect(monitor.reference == .standard)
        #expect(monitor.window == .standard)
        #expect(monitor.alarms == .standard)
        #expect(monitor.drift == .standard)
        #expect(monitor.quality == .standard)
        #expect(monitor.alerting.onAlert == nil)
    }

    @Test func theKeysOfOlderManifestsMeanWhatTheyMeant() throws {
        let monitor = try monitor("{endpoint: a, drift: {false_discovery_rate: 0.01, windows: 4}}")
        #expect(monitor.alarms.windows == 4)
        #expect(monitor.alarms.of == 4)
        #expect(monitor.drift.falseDiscoveryRate == 0.01)
    }

    @Test(arguments: [
        (
            "{from: 2026-11-01T00:00:00Z, to: 2026-11-08T00:00:00Z}",
            #"{"from":"2026-11-01T00:00:00.000Z","to":"2026-11-08T00:00:00.000Z"}"#
        ),
        ("{previous: 3}", #"{"previous":3}"#), ("{season: week}", #"{"season":"week"}"#),
        ("{context: test}", #""test""#),
    ])
    func aReferenceNeedBeNoDataset(spec: String, json: String) throws {
        #expect(try monitor("{endpoint: a, reference: \(spec)}").reference.json.text == json)
    }

    @Test(
        arguments: [
            ("{}", "'endpoint' is missing"),
            ("{endpoint: a, widow: {rows: 50}}", "no key 'widow'"),
            ("{endpoint: a, window: {rows: 50, minutes: 1}}", "either 'rows' or 'minutes'"),
            ("{endpoint: a, window: {}}", "either 'rows' or 'minutes'"),
            ("{endpoint: a, window: {rows: 5}}", "from 20 to 1000000"),
            ("{endpoint: a, drift: {minimum_effect: 2}}", "from 0.0 to 1.0"),
            ("{endpoint: a, type: binry}", "one of binary, multiclass, regression, ranking"),
            ("{endpoint: a, reference: {season: year}}", "one of day, week"),
            ("{endpoint: a, reference: {previous: 2, season: week}}", "say one of"),
            ("{endpoint: a, reference: {from: 2026-11-02T00:00:00Z, to: 2026-11-01T00:00:00Z}}", "must lie before"),
            ("{endpoint: a, reference: {from: 2020-01-01T00:00:00Z, to: 2026-11-01T00:00:00Z}}", "1100 days"),
            ("{endpoint: a, reference: {from: yesterday, to: 2026-11-01T00:00:00Z}}", "expected a moment"),
            ("{endpoint: a, alarms: {windows: 4, of: 3}}", "cannot be more than"),
            ("{endpoint: a, alarms: {windows: 2}, drift: {windows: 2}}", "not in both"),
            ("{endpoint: a, drift: {mode: evidentyl}}", "one of martlet, evidently, nannyml"),
            ("{endpoint: a, drift: {columns: {age: {}}}}", "'minimum_effect' is missing"),
            ("{endpoint: a, drift: {columns: [age]}}", "mapping from columns"),
            ("{endpoint: a, quality: {missing: 2}}", "from 0.0 to 1.0"),
            ("{endpoint: a, quality: {columns: {age: {mising: 0.1}}}}", "no key 'mising'"),
            ("{endpoint: a, on_alert: {run: []}}", "'run' names a program"),
            ("{endpoint: a, on_alert: {run: \"python3 x.py\"}}", "expected a list"),
        ])
    func refusesWhatItCannotDoAndSaysWhere(spec: String, words: String) {
        let error = #expect(throws: ManifestError.self) { try monitor(spec) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("Line 5") == true, "\(error?.message ?? "")")
    }
}
