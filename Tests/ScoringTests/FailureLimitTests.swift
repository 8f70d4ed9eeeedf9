import Testing

@testable import Scoring

@Suite struct FailureLimitTests {
    @Test func aNumberOrAShareIsALimit() throws {
        let rows = try FailureLimit("2")
        #expect(!rows.isExceeded(failed: 2, of: 2, isEnd: false))
        #expect(rows.isExceeded(failed: 3, of: 100_000, isEnd: false))
        let share = try FailureLimit("10%")
        #expect(!share.isExceeded(failed: 9, of: 10, isEnd: false))
        #expect(share.isExceeded(failed: 2, of: 10, isEnd: true))
        #expect(!share.isExceeded(failed: 100, of: 1000, isEnd: false))
        #expect(share.isExceeded(failed: 101, of: 1000, isEnd: false))
        for text in ["", "-1", "x", "101%", "%", "nan%"] {
            #expect(throws: ScoringError.self) { try FailureLimit(text) }
        }
    }
}
