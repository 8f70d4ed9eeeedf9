import TestSupport
import Testing
import Wire

@testable import Experiments

@Suite struct SharesTests {
    @Test func armsTakeTheirShares() throws {
        let shares = try Shares([("a", 9000), ("b", 1000), ("c", 0)])
        #expect(shares.basisPoints(of: "a") == 9000)
        #expect(shares.probability(of: "b") == 0.1)
        #expect(shares.basisPoints(of: "c") == 0)
        #expect(shares.owners.filter { $0 == "b" }.count == 1000)
    }

    @Test func raisingTheCandidateMovesUnitsOnlyIntoIt() throws {
        var shares = try Shares([("champion", 9500), ("challenger", 500)])
        for percent in [25, 50, 100] {
            let raised = try Shares([("champion", 10_000 - percent * 100), ("challenger", percent * 100)])
            #expect(try shares.changed(to: raised.weights) == raised)
            for (before, after) in zip(shares.owners, raised.owners) where before != after {
                #expect(after == "challenger")
            }
            shares = raised
        }
    }

    @Test func anyChangeMovesAsFewUnitsAsPossible() throws {
        var numbers = SeededNumbers(seed: 1)
        for _ in 0..<15 {
            var shares = try Shares(Self.random(using: &numbers))
            for _ in 0..<3 {
                let wanted = Self.random(using: &numbers)
                let changed = try shares.changed(to: wanted)
                #expect(
                    changed.weights.filter { $0.basisPoints > 0 }.map(\.arm).sorted()
                        == wanted.filter { $0.basisPoints > 0 }.map(\.arm).sorted())
                let moved = zip(shares.owners, changed.owners).filter { $0 != $1 }.count
                let least = wanted.reduce(0) { $0 + max(0, $1.basisPoints - shares.basisPoints(of: $1.arm)) }
                #expect(moved == least)
                #expect(wanted.allSatisfy { changed.basisPoints(of: $0.arm) == $0.basisPoints })
                #expect(try Shares(json: JSON.parse(changed.json.text)) == changed)
                shares = changed
            }
        }
    }

    @Test func sharesThatDoNotAddUpAreRefused() {
        #expect(throws: ExperimentError.self) { try Shares([("a", 9000), ("b", 999)]) }
        #expect(throws: ExperimentError.self) { try Shares([("a", 11_000), ("b", -1000)]) }
        #expect(throws: ExperimentError.self) { try Shares([("a", 5000), ("a", 5000)]) }
        #expect(throws: ExperimentError.self) { try Shares(json: ["arms": ["a"], "ranges": [[0, 500]]]) }
    }

    private static func random(using numbers: inout SeededNumbers) -> [(arm: String, basisPoints: Int)] {
        let arms = ["a", "b", "c", "d", "e"].prefix(Int.random(in: 1...5, using: &numbers))
        var left = 10_000
        var shares: [(arm: String, basisPoints: Int)] = []
        for arm in arms.dropLast() {
            shares.append((arm, Int.random(in: 0...left, using: &numbers)))
            left -= shares[shares.count - 1].basisPoints
        }
        shares.append((arms[arms.count - 1], left))
        return shares
    }
}

extension Shares {
    fileprivate var owners: [String] { (0..<Bucket.count).map { arm(of: Bucket(index: $0)) } }
    fileprivate var weights: [(arm: String, basisPoints: Int)] { arms.map { ($0, basisPoints(of: $0)) } }
}
