import Database
import TestSupport
import Testing
import Tracking
import Wire

/// Experiments and runs by their names.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct FindingTests {
    @Test func runsAreFoundByTheBeginningOfNameOrId() async throws {
        let fixture = try await TrackingFixture()
        let fox = try await fixture.run("Sneaky-Fox")
        let owl = try await fixture.run("sneaky_owl")
        for name in ["sneak", "the sneaky", "snez", "\u{10FFFF}"] { _ = try await fixture.run(name) }
        try await fixture.runs.delete(try await fixture.run("sneaky-gone"), by: "ann")
        let found = try await fixture.runs.names(beginningWith: "sneaky", limit: 9)
        #expect(found.map(\.id) == [fox, owl])
        #expect(found.map(\.name) == ["Sneaky-Fox", "sneaky_owl"])
        #expect(try await fixture.runs.names(beginningWith: "sneak", limit: 2).map(\.name) == ["sneak", "Sneaky-Fox"])
        #expect(try await fixture.runs.names(beginningWith: String(owl.prefix(12)), limit: 9).map(\.id) == [owl])
    }

    @Test func runsAreFoundByAnIndex() async throws {
        let fixture = try await TrackingFixture()
        guard TestEngine.current == .sqlite else { return }
        let plan = try await fixture.database.read { reader in
            try reader.rows(
                """
                EXPLAIN QUERY PLAN SELECT run_id FROM runs
                WHERE lifecycle_stage = 'active' AND LOWER(run_name) >= \("a") AND LOWER(run_name) < \("b")
                ORDER BY LOWER(run_name)
                """
            ).map { try $0.get(3, as: String.self) }
        }
        #expect(plan.count == 1 && plan.first?.contains("runs_by_name") == true, "\(plan)")
    }

    @Test func experimentsAreFoundByWhatStandsInTheirNames() async throws {
        let fixture = try await TrackingFixture()
        for name in ["Churn", "old churn", "a%b", "a_b", "other"] {
            _ = try await fixture.experiments.create(name: name, by: "ann")
        }
        #expect(
            try await fixture.experiments.names(containing: "churn", limit: 9).map(\.name) == ["old churn", "Churn"])
        #expect(try await fixture.experiments.names(containing: "%", limit: 9).map(\.name) == ["a%b"])
        #expect(try await fixture.experiments.names(containing: "_", limit: 9).map(\.name) == ["a_b"])
        #expect(try await fixture.experiments.names(containing: "", limit: 2).count == 2)
    }
}
