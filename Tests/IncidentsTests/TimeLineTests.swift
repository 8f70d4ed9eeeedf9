import Manifests
import TestSupport
import Testing
import Wire

@testable import Incidents

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct TimeLineTests {
    private static let former = VersionFacts(
        commit: "a1b2c3d4e5f6a7", source: "train.py", dependencies: ["scikit-learn": "1.4.0", "numpy": "2.0.0"],
        data: ["training": "d1"])
    private static let latter = VersionFacts(
        commit: "ffff0000111122", source: "train.py", dependencies: ["scikit-learn": "1.5.0", "joblib": "1.4"],
        data: ["training": "d2"])

    private func reader(_ fixture: IncidentFixture) -> TimeLineReader {
        TimeLineReader(incidents: fixture.incidents, events: fixture.events) { _, version in
            version == 1 ? Self.former : version == 2 ? Self.latter : nil
        }
    }

    @Test func whatChangedShortlyBeforeIsSaidFirst() async throws {
        let fixture = try await IncidentFixture()
        let manifest = "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: {name: clinic}\nspec: {limits: {queue: "
        _ = try await fixture.manifests.apply(yaml: manifest + "10}}\n", by: "ann")
        fixture.clock.advance(minutes: 3 * 24 * 60)
        try await fixture.happen("alias.moved", of: "models/clinic", ["alias": "champion", "from": 1, "to": 2])
        fixture.clock.advance(minutes: 1)
        try await fixture.happen(
            "rollout.promoted", of: "endpoints/clinic",
            ["from": "clinic/1", "to": "clinic/2", "reason": "It took over at once."], by: "rollout")
        fixture.clock.advance(minutes: 30)
        _ = try await fixture.manifests.apply(yaml: manifest + "20}}\n", by: "bob")
        try await fixture.happen("rollout.promoted", of: "endpoints/ward", ["to": "ward/9"])
        fixture.clock.advance(minutes: 10)
        try await fixture.incidents.note(.workerCrashed, "Worker 0 ended (killed by signal 9).")
        fixture.clock.advance(minutes: 6)
        try await fixture.open()
        let incident = try #require(try await fixture.newest())
        let alerts = try await fixture.incidents.alerts(of: incident.id)

        let suspects = try await reader(fixture).suspects(of: incident, alerts).map(\.words)
        #expect(
            suspects == [
                "5 min before the first bad window: Worker 0 ended (killed by signal 9).",
                "15 min before the first bad window: The manifest of endpoint clinic was updated. "
                    + "(limits.queue: 10 → 20)",
                "45 min before the first bad window: clinic/2 took over from clinic/1. "
                    + "(code: commit a1b2c3d4e5 → ffff000011; dependency: joblib 1.4 added; "
                    + "dependency: numpy 2.0.0 removed; dependency: scikit-learn 1.4.0 → 1.5.0)",
                "46 min before the first bad window: Alias champion moved from clinic/1 to clinic/2.",
            ])

        _ = try await fixture.incidents.acknowledge(incident.id, by: "ann")
        let entries = try await reader(fixture).entries(of: incident, alerts)
        #expect(
            entries.map(\.kind) == [
                .registry, .deployment, .manifest, .infrastructure, .alarm, .alarm, .people,
            ])
        #expect(entries.map(\.time) == entries.map(\.time).sorted())
        #expect(entries.contains { $0.words == "Alert: Drift at clinic: age." })
        #expect(entries.last?.words == "ann looks after it.")
    }

    @Test func whatCameLongAfterTheFirstBadWindowIsNoReasonForIt() async throws {
        let fixture = try await IncidentFixture()
        let since = fixture.clock.now
        fixture.clock.advance(minutes: 20)
        try await fixture.happen("alias.moved", of: "models/clinic", ["alias": "champion", "from": 1, "to": 2])
        fixture.clock.advance(minutes: 26 * 60)
        // Rows of yesterday are sent now.
        try await fixture.happen("alias.moved", of: "models/clinic", ["alias": "champion", "from": 2, "to": 3])
        for monitor in ["health", "second"] {
            try await fixture.apply(
                .opens(
                    AlertState.Topic(.drift), lasting: [IncidentFixture.finding("age", family: .drift)], since: since,
                    windows: 2),
                IncidentFixture.source(monitor: monitor))
        }
        let incident = try #require(try await fixture.newest())
        let alerts = try await fixture.incidents.alerts(of: incident.id)
        let suspects = try await reader(fixture).suspects(of: incident, alerts).map(\.words)
        #expect(suspects.count == 1)
        #expect(
            suspects.first?.hasPrefix("20 min after the first bad window began: Alias champion moved") == true,
            "\(suspects)")
        // Two monitors say the same of one endpoint.
        let entries = try await reader(fixture).entries(of: incident, alerts).map(\.words)
        #expect(entries.contains("Alert: Drift at clinic: age, says monitor second."))
    }

    @Test func namesWhatDiffersBetweenVersions() {
        #expect(Self.latter.differences(from: Self.latter) == [])
        #expect(Self.latter.differences(from: Self.former).last == "data: training d1 → d2")
    }

    @Test func readsWhatModelsNeed() {
        let requirements =
            "mlflow==3.1\nscikit-learn==1.5.0  # pinned\nnumpy>=2,<3\n\n--index-url x\npandas\nhttp://a==b\n"
        #expect(
            VersionFacts.dependencies(in: requirements) == [
                "mlflow": "3.1", "scikit-learn": "1.5.0", "numpy": ">=2,<3",
            ])
        let conda =
            "channels:\n- conda-forge\ndependencies:\n- python=3.11.2\n- pip<=24\n- pip:\n  - xgboost==3.2.0\nname: e\n"
        #expect(
            VersionFacts.dependencies(in: conda) == ["python": "3.11.2", "pip": "<=24", "xgboost": "3.2.0"])
    }

    @Test func findsWhatDiffersInDocuments() {
        let old: JSON = ["a": ["b": 1, "c": [1, 2]], "same": true]
        let new: JSON = ["a": ["b": 2, "c": [1], "d": "x"], "same": true]
        #expect(JSONDifference.lines(from: old, to: new) == ["a.b: 1 → 2", "a.c[1]: 2 → –", "a.d: – → \"x\""])
        #expect(JSONDifference.lines(from: old, to: old) == [])
    }
}
