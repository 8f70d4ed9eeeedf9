import Testing
import Wire

@testable import Monitoring

struct TimeRangeTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func range(_ members: JSON) throws -> TimeRange { try TimeRange(Fields(members), now: now) }

    @Test func theAddressSaysWhichStretch() throws {
        #expect(try range([:]) == .newest)
        #expect(try range([:]).moments == nil)
        let day = try range(["range": "day"])
        #expect(day.moments == now + .seconds(-86_400)...now)
        #expect(day.query == "range=day")
        let between = try range(["from": "2027-01-10T08:30", "to": "2027-01-11"])
        #expect(between.moments?.lowerBound.iso8601 == "2027-01-10T08:30:00.000Z")
        #expect(between.moments?.upperBound.iso8601 == "2027-01-11T00:00:00.000Z")
        #expect(try range(["from": "2027-01-10T08:30", "to": "", "range": ""]).moments?.upperBound == now)
        #expect(try range(["to": "2027-01-11"]).moments?.lowerBound.iso8601 == "2027-01-10T00:00:00.000Z")
    }

    @Test(arguments: [["range": "year"], ["from": "2027-01-11", "to": "2027-01-10"], ["from": "noon"]] as [JSON])
    func whatIsNoStretchIsRefused(members: JSON) throws {
        #expect(throws: FieldProblem.self) { try range(members) }
    }

    /// Of many windows some, evenly, never without the first and the last.
    @Test func aLongTimeIsShownBySomeOfItsWindows() {
        let shown = MonitorStore.spread(Array(1...1000), limit: 60)
        #expect(shown.count == 60)
        #expect(shown.first == 1 && shown.last == 1000)
        let gaps = zip(shown, shown.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { (16...17).contains($0) })
        #expect(MonitorStore.spread([1, 2], limit: 60) == [1, 2])
    }
}
