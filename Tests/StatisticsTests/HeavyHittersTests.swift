import Statistics
import TestSupport
import Testing

@Suite struct HeavyHittersTests {
    @Test func countsFewNamesExactly() {
        var hitters = HeavyHitters()
        for name in ["a", "b", "a", "c", "a"] { hitters.add(name) }
        #expect(hitters.counts == ["a": 3, "b": 1, "c": 1])
    }

    @Test func keepsEveryCommonNameOfALongTailInBoundedSpace() {
        var numbers = SeededNumbers(seed: 3)
        var parts = [HeavyHitters(), HeavyHitters()]
        let total = 20_000
        for row in 0..<total {
            let name = row.isMultiple(of: 10) ? "common" : "rare \(Int.random(in: 0..<5_000, using: &numbers))"
            parts[row % 2].add(name)
        }
        parts[0].merge(parts[1])
        #expect(parts[0].counts.count <= HeavyHitters.limit)
        let kept = parts[0].counts["common"] ?? 0
        #expect(kept <= total / 10)
        #expect(kept >= total / 10 - total / (HeavyHitters.limit + 1))
    }
}
