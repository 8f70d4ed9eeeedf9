package import Testing

/// The engines that the tests of stores run on.
package enum TestEngine: String, Sendable, CaseIterable {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    /// The one that the test under way runs on.
    @TaskLocal package static var current = TestEngine.sqlite
}

/// Runs each test of a suite once on every engine. The suite is made anew for each.
package struct EveryEngine: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for engine in TestEngine.allCases {
            let naming = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("on \(engine.rawValue)")
                return issue
            }
            try await TestEngine.$current.withValue(engine) {
                try await naming.provideScope(for: test, testCase: testCase, performing: function)
            }
        }
    }
}

extension Trait where Self == EveryEngine {
    package static var everyEngine: EveryEngine { EveryEngine() }
}
