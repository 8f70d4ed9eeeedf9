import Incidents
import TestSupport
import Testing

@testable import Monitoring

@Suite struct CallsFamilyTests {
    private static let rule = CallsRule(
        total: .init(minimumPerMinute: 10, maximumPerMinute: 100),
        callers: ["billing": .init(minimumPerMinute: 1), "web": .init(maximumPerMinute: 50)], minutes: 5)

    private static func calls(_ requests: [String: Int]) -> CallCounts {
        CallCounts(callers: requests.mapValues { .init(requests: $0, rows: 3 * $0) })
    }

    @Test func ratesWithinTheirLimitsAreFine() {
        let found = CallsFamily.findings(Self.calls(["billing": 10, "web": 90]), minutes: 5, by: Self.rule)
        #expect(found.map(\.subject) == [nil, "billing", "web"])
        #expect(found.map(\.value) == [20, 2, 18])
        #expect(found.allSatisfy { $0.verdict == .fine && $0.measure == "requests_per_minute" })
    }

    @Test func noCallsAtAllAreSeen() {
        let found = CallsFamily.findings(CallCounts(), minutes: 5, by: Self.rule)
        #expect(found.map(\.verdict) == [.bad, .bad, .fine])
        #expect(found[0].value == 0)
        #expect((found[0].pValue ?? 1) < 1e-20)
        #expect(found[1].words == "'billing' sent 0 requests a minute, fewer than 1.")
    }

    @Test func aCallerThatSendsTooMuchIsNamed() {
        let found = CallsFamily.findings(Self.calls(["billing": 5, "web": 300]), minutes: 5, by: Self.rule)
        #expect(found.map(\.verdict) == [.fine, .fine, .bad])
        #expect(found[2].limit == 50)
        #expect(found[2].rows == 300)
    }

    @Test func withoutLimitsNothingIsBad() {
        let found = CallsFamily.findings(CallCounts(), minutes: 5, by: .standard)
        #expect(found.map(\.verdict) == [.fine])
    }
}
