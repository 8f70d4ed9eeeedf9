import Incidents
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

extension PerformanceWatchTests {
    /// Answers rows at one moment, as when they are sent together.
    private func predictTogether(
        _ wards: [String], in fixture: MonitoringFixture
    ) async throws -> [Answered] {
        var answered: [Answered] = []
        for (row, ward) in zip(PatientTable(wards.count, seed: 41).rows, wards) {
            let inputs = row.inputs.replacing(["ward"], with: .string(ward))
            let id = try await fixture.log.append(
                LoggedRequest(
                    endpoint: "clinic", variant: "main", model: "clinic", version: 1, latencyUs: 100, caller: "ann",
                    input: .document(inputs), output: .json(.double(0.95)), rowCount: 1))
            answered.append(Answered(id: id, score: 0.95))
        }
        return answered
    }

    private func labelled(_ fixture: MonitoringFixture) async throws -> [Int] {
        try await fixture.performance.performance(of: "health", limit: 9).map(\.labelled)
    }

    @Test func windowsOfTheSameMomentHaveTheirOwnLabels() async throws {
        let fixture = try await fixture()
        let rows = try await predictTogether(Array(repeating: "north", count: 150), in: fixture)
        await fixture.observe()
        try await Self.label(Array(rows[0..<30]), in: fixture)
        await fixture.lookAtLabels()
        #expect(try await labelled(fixture) == [30, 0, 0])

        // Records of minutes become records of hours, which do not tell windows apart any more.
        fixture.clock.advance(by: 9 * 3_600_000)
        try await fixture.feed.rollUp()
        try await Self.label(Array(rows[30..<60]), in: fixture)
        await fixture.lookAtLabels()
        #expect(try await labelled(fixture) == [50, 10, 0])
    }

    @Test func qualityIsCutIntoTheSegmentsOfTheTraffic() async throws {
        let fixture = try await fixture(Self.spec.replacing("limit: 5", with: "limit: 1"))
        let wards = (0..<50).map { $0 % 2 == 0 ? "north" : "south" }
        let rows = try await predictTogether(wards, in: fixture)
        await fixture.observe()
        // Those of the ward that came later are labelled first.
        try await Self.label((0..<25).map { rows[2 * $0 + 1] }, in: fixture)
        await fixture.lookAtLabels()
        let window = try #require(try await fixture.performance.performance(of: "health", limit: 1).first)
        #expect(Set(window.parts.compactMap(\.slice.segment)).subtracting(["large"]) == ["ward = (other)"])
        #expect(window.parts.first { $0.slice.segment == "ward = (other)" }?.rows == 25)
    }

    @Test func membersAreReadBackAsTheyWere() throws {
        let ids = (0..<3).map { PredictionID(request: String(repeating: "\($0)", count: 32), row: $0) }
        let members = WindowMembers(ids)
        #expect(WindowMembers(bytes: members.bytes) == members)
        #expect(members.bytes.count == 24)
        #expect(ids.allSatisfy(members.contains))
        #expect(!members.contains(PredictionID(request: String(repeating: "9", count: 32))))
        #expect(WindowMembers(bytes: [1, 2, 3]) == nil)
    }
}
