package import Database
import Wire

/// The evidence about guardrails, added up over all servers and kept across restarts.
package struct GuardrailStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Adds what a server counted about a candidate since it last did.
    ///
    /// Where other guardrails, or another level, are kept than are counted now, those start anew.
    /// - Parameter counted: in the order of the guardrails.
    /// - Returns: the tests with the evidence of all servers; go on counting into their `counting`.
    package func merge(
        _ counted: [GuardrailTest], of candidate: String, in id: ExperimentID
    ) async throws -> [GuardrailTest] {
        try await database.write { transaction in
            var merged: [GuardrailTest] = []
            for (position, counted) in counted.enumerated() {
                let text: String? = try transaction.value(
                    """
                    SELECT state FROM guardrail_tests
                    WHERE experiment = \(id.text) AND variant = \(candidate) AND position = \(position)
                    """)
                var test = try text.map { try GuardrailTest(json: JSON.parse($0)) } ?? counted.counting
                if test.guardrail != counted.guardrail || test.level != counted.level { test = counted.counting }
                if test.share != counted.share { test.startStep(share: counted.share) }
                test.merge(counted)
                try transaction.execute(
                    """
                    INSERT INTO guardrail_tests (experiment, variant, position, state)
                    VALUES (\(id.text), \(candidate), \(position), \(test.json.text))
                    ON CONFLICT (experiment, variant, position) DO UPDATE SET state = excluded.state
                    """)
                merged.append(test)
            }
            try transaction.execute(
                """
                DELETE FROM guardrail_tests
                WHERE experiment = \(id.text) AND variant = \(candidate) AND position >= \(counted.count)
                """)
            return merged
        }
    }

    /// The tests of each candidate, in the order of the guardrails.
    package func tests(of id: ExperimentID) async throws -> [String: [GuardrailTest]] {
        try await database.read { reader in
            var tests: [String: [GuardrailTest]] = [:]
            try reader.forEachRow(
                "SELECT variant, state FROM guardrail_tests WHERE experiment = \(id.text) ORDER BY variant, position"
            ) { row in
                let state = try JSON.parse(try row.get(1, as: String.self))
                tests[try row.get(0), default: []].append(try GuardrailTest(json: state))
            }
            return tests
        }
    }
}
