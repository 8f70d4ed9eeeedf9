import Experiments
import Testing

@Suite struct BucketTests {
    /// From the test cases of GrowthBook's SDKs (cases.json, hash version 2): salt, unit, place in 0..<1.
    @Test(arguments: [
        ("seed", "a", 505), ("seed", "b", 2696), ("foo", "ab", 2575), ("foo", "def", 2019),
        ("89123klj", "8952klfjas09ujkasdf", 1240), ("90850943850283058242805", "123", 7516),
        ("()**(%$##$%#$#", "___)((*\":&", 128),
    ])
    func placesAgreeWithGrowthBooks(salt: String, unit: String, place: Int) {
        #expect(Bucket(unit: unit, salt: salt).index == place)
    }

    @Test func unitsSpreadEvenly() {
        var counts = [Int](repeating: 0, count: 100)
        for unit in 0..<100_000 { counts[Bucket(unit: "customer-\(unit)", salt: "churn").index / 100] += 1 }
        let statistic = counts.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
        // χ² with 99 degrees of freedom is above 149 in one case of a thousand.
        #expect(statistic < 149)
    }

    @Test func anotherSaltDealsAnew() {
        let moved = (0..<10_000).filter { unit in
            let first = Bucket(unit: "\(unit)", salt: "churn-1").index < 5000
            return first != (Bucket(unit: "\(unit)", salt: "churn-2").index < 5000)
        }
        #expect((4800...5200).contains(moved.count))
    }
}
