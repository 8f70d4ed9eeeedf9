import Events
import Manifests
import Predictions
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct AutomaticMonitorsTests {
    /// The endpoints of a server, whose manifests mean nothing here but their names.
    private struct Server {
        let fixture: MonitoringFixture
        let manifests: ManifestStore
        let monitors: AutomaticMonitors

        init() async throws {
            fixture = try await MonitoringFixture()
            manifests = ManifestStore(
                database: fixture.database, events: fixture.events, clock: fixture.clock.clock,
                kinds: [Monitor.kind, ManifestKind(name: "Endpoint", plural: "endpoints") { _ in }])
            monitors = AutomaticMonitors(
                manifests: manifests, events: fixture.events, store: fixture.templates,
                clock: fixture.clock.clock, logger: LiveServer.quiet
            ) { endpoint in
                endpoint.name == "odd" ? nil : (ModelFacts(inputs: ["x"], objective: "binary sigmoid:1"), nil)
            }
        }

        func deploy(_ name: String) async throws {
            let yaml = "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: {name: \(name), team: t}\nspec: {}\n"
            _ = try await manifests.apply(yaml: yaml, by: "ann")
        }

        func watched() async throws -> [Monitor] {
            try await monitors.pass()
            return try await Monitor.all(in: manifests)
        }
    }

    @Test func anEndpointGetsAMonitorOfItsKind() async throws {
        let server = try await Server()
        try await server.deploy("churn")
        try await server.deploy("odd")
        let monitors = try await server.watched()
        #expect(monitors.map(\.name) == ["churn", "odd"])
        #expect(monitors.map(\.task) == [.binary, nil])
        #expect(monitors.map(\.team) == ["t", "t"])
        #expect(monitors[0].window == .minutes(60))
        #expect(monitors[0].reference == .logged(context: "training"))
        let created = try await server.fixture.events.events(after: 0, subject: "monitors/churn", limit: 9)
        #expect(created.map(\.kind) == ["monitor.created"])
        #expect(try await server.watched().count == 2, "It is made once.")
    }

    @Test func whatSomebodyAppliedStaysAsItIs() async throws {
        let server = try await Server()
        let own = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: mine}\nspec: {endpoint: churn}\n"
        _ = try await server.manifests.apply(yaml: own, by: "ann")
        try await server.deploy("churn")
        #expect(try await server.watched().map(\.name) == ["mine"])
        // One that has the name of the endpoint and watches another is nobody's to change.
        let named = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: fraud}\nspec: {endpoint: other}\n"
        _ = try await server.manifests.apply(yaml: named, by: "ann")
        try await server.deploy("fraud")
        #expect(try await server.watched().map(\.endpoint) == ["other", "churn"])
    }

    @Test func aDeletedOneStaysDeletedUntilTheEndpointIsMadeAnew() async throws {
        let server = try await Server()
        try await server.deploy("churn")
        #expect(try await server.watched().count == 1)
        try await server.manifests.delete(kind: "Monitor", name: "churn", by: "ann")
        #expect(try await server.watched().isEmpty)
        try await server.manifests.delete(kind: "Endpoint", name: "churn", by: "ann")
        #expect(try await server.watched().isEmpty)
        try await server.deploy("churn")
        #expect(try await server.watched().count == 1)
    }

    private static func counted(_ fixture: MonitoringFixture) async throws -> WindowRecord? {
        try await fixture.windowStore.merged(
            monitor: "clinic", from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: .max))
    }

    @Test func itCountsFromTheFirstRequestOnThoughItIsMadeLater() async throws {
        let server = try await Server()
        try await server.fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await server.deploy("clinic")
        try await server.fixture.predict(PatientTable(30, seed: 2))
        // Nobody takes what is counted for that of a monitor that is no more.
        await server.fixture.observe()
        try await server.fixture.predict(PatientTable(20, seed: 3))
        await server.fixture.count()
        #expect(try await Monitor.all(in: server.manifests).isEmpty)
        #expect(try await server.watched().map(\.name) == ["clinic"])
        try await server.fixture.predict(PatientTable(10, seed: 4))
        try await server.fixture.log.settleObservers()
        let whole = try #require(try await Self.counted(server.fixture))
        #expect(whole.rows == 60)
        #expect(whole.requests == 60)
        #expect(whole.inputs["radius"]?.rows == 60, "By one reference from the first row on.")
        server.fixture.clock.advance(by: 3_700_000)
        await server.fixture.observe()
        #expect(try await server.fixture.store.windows(of: "clinic", limit: 9).map(\.rows) == [60])
    }

    @Test func whatWasCountedWithoutAManifestSurvivesAKill() async throws {
        let server = try await Server()
        try await server.deploy("clinic")
        try await server.fixture.predict(PatientTable(30, seed: 2))
        await server.fixture.observe()
        try await server.fixture.predict(PatientTable(20, seed: 3))
        let after = try await server.fixture.restarted()
        try await after.predict(PatientTable(5, seed: 4))
        await after.observe()
        #expect(try await Self.counted(after)?.rows == 55)
    }

    @Test func nothingIsLostOrCountedTwiceWhenItIsReplaced() async throws {
        let server = try await Server()
        let fixture = server.fixture
        try await server.deploy("clinic")
        try await fixture.predict(PatientTable(30, seed: 2))
        await fixture.count()
        #expect(try await server.watched().count == 1)
        // These wait in the journal, and are counted as the manifest says that is there when they are.
        try await fixture.predict(PatientTable(7, seed: 3))
        try await fixture.apply("{endpoint: clinic, window: {rows: 20}, segments: [{column: ward}]}", name: "clinic")
        try await fixture.predict(PatientTable(38, seed: 4))
        try await fixture.log.settleObservers()
        let whole = try #require(try await Self.counted(fixture))
        #expect(whole.rows == 75)
        #expect(whole.requests == 75)
        fixture.clock.advance(by: 3_700_000)
        await fixture.observe()
        let windows = try await fixture.store.windows(of: "clinic", limit: 9)
        #expect(windows.map(\.rows).sorted() == [20, 20, 30], "Five rows are in a window that is open.")
        #expect(try await Self.counted(fixture)?.rows == 75)
    }

    @Test func anEndpointThatGoesBeforeItHasAMonitorLeavesNothing() async throws {
        let server = try await Server()
        try await server.deploy("clinic")
        try await server.fixture.predict(PatientTable(30, seed: 2))
        await server.fixture.observe()
        try await server.manifests.delete(kind: "Endpoint", name: "clinic", by: "ann")
        await server.fixture.observe()
        #expect(try await server.fixture.windowStore.known().isEmpty)
        #expect(try await Self.counted(server.fixture) == nil)
    }

    @Test func theKindIsGuessedFromWhatThereIsEvidenceFor() {
        func task(_ facts: ModelFacts, target: [ColumnValue]? = nil) -> ModelTask? {
            let columns = target.map { values in
                [Reference.Column(name: "y", profile: ColumnProfile(values, anchors: ColumnAnchors(reference: values)))]
            }
            return facts.task(
                reference: columns.map {
                    Reference(
                        model: "m", version: 1, context: "training", runID: nil, rows: 100, columns: $0,
                        madeAt: Timestamp(milliseconds: 0))
                })
        }
        let named = ModelFacts(inputs: ["x"])
        #expect(task(ModelFacts(objective: "lambdarank")) == .ranking)
        #expect(task(ModelFacts(objective: "multi:")) == .multiclass)
        #expect(task(ModelFacts(objective: "reg:")) == .regression)
        #expect(task(named, target: (0..<100).map { .number(Double($0 % 2)) }) == .binary)
        #expect(task(named, target: (0..<100).map { .number(Double($0 % 5)) }) == .multiclass)
        #expect(task(named, target: (0..<100).map { .number(Double($0) / 7) }) == .regression)
        #expect(task(named, target: (0..<100).map { .text(["a", "b", "c"][$0 % 3]) }) == .multiclass)
        #expect(task(ModelFacts(outputType: "bool")) == .binary)
        #expect(task(ModelFacts(outputType: "float64", outputLength: 4)) == .multiclass)
        // A number may be anything.
        #expect(task(ModelFacts(outputType: "double")) == nil)
        #expect(task(ModelFacts()) == nil)
    }
}
