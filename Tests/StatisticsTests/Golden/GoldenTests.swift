import Testing
import Wire

/// Runs every golden case whose family and method we compute.
@Suite struct GoldenTests {
    @Test func everyCoveredCaseMatchesItsReference() throws {
        let solvers = GoldenFamilies.all.flatMap { $0.solvers }
        var tallies: [String: GoldenTally] = [:]
        for golden in try GoldenFile.load().cases {
            var tally = tallies[golden.family] ?? GoldenTally()
            if let solver = solvers.first(where: { $0.family == golden.family && $0.methods.contains(golden.method) }) {
                if let difference = difference(golden, by: solver) {
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
            if GoldenFamilies.complete.contains(family) { #expect(tally.notCovered == 0, "\(family)") }
        }
    }

    /// A case that cannot be computed has failed; the others are computed all the same.
    private func difference(_ golden: GoldenCase, by solver: GoldenSolver) -> String? {
        do { return golden.difference(try solver.solve(golden)) } catch { return "\(error)" }
    }
}

struct GoldenTally {
    var passed = 0
    var failed = 0
    var notCovered = 0
}
