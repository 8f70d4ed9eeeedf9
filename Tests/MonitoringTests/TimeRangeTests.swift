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

    /// Of many windows some, evenly, never without the last, and never without one that was worse than those around it.
    @Test func aLongTimeIsShownByTheWorstOfItsWindows() {
        func shown(bad: [Int: Int], limit: Int = 60) -> [Int] {
            WindowMark.worst((1...1000).map { WindowMark(number: $0, bad: bad[$0] ?? 0) }, limit: limit).map(\.number)
        }
        let quiet = shown(bad: [:])
        #expect(quiet.count == 60 && quiet.last == 1000)
        #expect(zip(quiet, quiet.dropFirst()).allSatisfy { (16...17).contains($1 - $0) })
        let troubled = shown(bad: [1: 1, 500: 2, 501: 1, 999: 3])
        #expect(troubled.count == 60 && Set(troubled).isSuperset(of: [1, 500, 999]))
        #expect(shown(bad: [7: 1], limit: 1) == [7])
        #expect(WindowMark.worst([WindowMark(number: 1, bad: 0)], limit: 60).map(\.number) == [1])
    }
}
