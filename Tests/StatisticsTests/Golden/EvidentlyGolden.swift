import Statistics
import Wire

enum EvidentlyGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("evidently", "default_test") { json(try drift($0, test: nil)) },
        GoldenSolver(
            "evidently", "ks", "wasserstein", "psi", "jensenshannon", "kl_div", "hellinger", "anderson",
            "cramer_von_mises", "ed", "mannw", "es", "t_test", "chisquare", "z", "TVD"
        ) { golden in json(try drift(golden, test: EvidentlyTest(rawValue: golden.method))) },
    ]

    private static func drift(_ golden: GoldenCase, test: EvidentlyTest?) throws -> EvidentlyDrift {
        guard let type = golden.parameters["column_type"]?.stringValue.flatMap(EvidentlyColumnType.init(rawValue:))
        else { throw GoldenProblem("\(golden.id) has no column_type") }
        return try EvidentlyDrift(
            reference: golden.column("ref"), current: golden.column("cur"), type: type, test: test)
    }

    private static func json(_ drift: EvidentlyDrift) -> JSON {
        [
            "test": .string(drift.test.rawValue), "score": .double(drift.score),
            "threshold": .double(drift.threshold), "drift": .bool(drift.isDrifted),
        ]
    }
}

extension GoldenCase {
    /// Numbers as they are; counts by name, or successes `k` of `n`, as that many rows.
    func column(_ name: String) throws -> RawColumn {
        let json = try input(name)
        if let values = json.arrayValue { return .decimals(values.map(\.number)) }
        if let n = json["n"]?.integerValue, let k = json["k"]?.integerValue {
            let rows = Array(repeating: "1", count: Int(k)) + Array(repeating: "0", count: Int(n - k))
            return RawColumn(names: rows)
        }
        let rows = (json.memberList ?? []).flatMap { member in
            Array(repeating: member.key, count: Int(member.value.integerValue ?? 0))
        }
        return RawColumn(names: rows)
    }
}
