import Testing
import Wire

/// Runs every golden case whose family and method we compute.
@Suite struct GoldenTests {
    /// Families all of whose cases must be computed, so that a family cannot quietly drop out.
    static let complete: Set = [
        "drift_hist", "categorical", "proportion", "multiplicity", "moments", "quantile", "binning",
        "metrics_regression",
    ]

    @Test func everyCoveredCaseMatchesItsReference() throws {
        let solvers = TwoSampleGolden.solvers + DistributionGolden.solvers + MetricGolden.solvers
        var tallies: [String: GoldenTally] = [:]
        for golden in try GoldenFile.load().cases {
            var tally = tallies[golden.family] ?? GoldenTally()
            if let solver = solvers.first(where: { $0.family == golden.family && $0.methods.contains(golden.method) }) {
                if let difference = golden.difference(try solver.solve(golden)) {
                    tally.failed += 1
                    Issue.record("\(golden.id): \(difference)")
                } else {
                    tally.passed += 1
                }
            } else {
                tally.notCovered += 1
            }
            tallies[golden.family] = tally
        }
        for (family, tally) in tallies.sorted(by: { $0.key < $1.key }) {
            print("golden \(family): \(tally.passed) passed, \(tally.failed) failed, \(tally.notCovered) not covered")
            if Self.complete.contains(family) { #expect(tally.notCovered == 0, "\(family)") }
        }
    }
}

struct GoldenTally {
    var passed = 0
    var failed = 0
    var notCovered = 0
}

/// Computes the answers of some methods of one family.
struct GoldenSolver: Sendable {
    let family: String
    let methods: Set<String>
    let solve: @Sendable (GoldenCase) throws -> JSON

    init(_ family: String, _ methods: String..., solve: @escaping @Sendable (GoldenCase) throws -> JSON) {
        self.family = family
        self.methods = Set(methods)
        self.solve = solve
    }
}
