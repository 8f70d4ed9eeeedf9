import Foundation
import Statistics
import TestSupport
import Wire

/// Sketches of long streams, each cut into 20 parts that are merged again: the exact answers where profiles are exact, and
/// a refusal where a sketch errs more than the case allows.
enum SketchGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("sketch", "quantiles", solve: quantiles),
        GoldenSolver("sketch", "distinct", solve: distinct),
        GoldenSolver("sketch", "heavy_hitters", solve: heavyHitters),
    ]

    private static let parts = 20

    private static func stream(_ golden: GoldenCase) throws -> [UInt64] {
        guard let seed = try golden.input("seed").integerValue, let count = try golden.input("n").integerValue,
            try golden.input("generator") == "splitmix64"
        else { throw GoldenProblem("\(golden.id) has no stream") }
        var numbers = SeededNumbers(seed: UInt64(seed))
        return (0..<count).map { _ in numbers.next() }
    }

    private static func uniform(_ z: UInt64) -> Double { Double(z >> 11) * 0x1p-53 }

    /// Merges the profiles of every 20th name.
    private static func profile(_ values: [ColumnValue], _ anchors: ColumnAnchors) -> ColumnProfile {
        var merged = ColumnProfile(anchors: anchors)
        for part in (0..<parts).reversed() {
            let rows = stride(from: part, to: values.count, by: parts).map { values[$0] }
            merged.merge(ColumnProfile(rows, anchors: anchors))
        }
        return merged
    }

    private static func quantiles(_ golden: GoldenCase) throws -> JSON {
        let values = try stream(golden).map { -3 * log(1 - uniform($0)) }
        let anchors = ColumnAnchors.numeric(NumericAnchors(reference: values.prefix(1_000)))
        var merged = ColumnProfile(anchors: anchors)
        for part in (0..<parts).reversed() {
            var profile = ColumnProfile(anchors: anchors)
            profile.add(stride(from: part, to: values.count, by: parts).map { values[$0] })
            merged.merge(profile)
        }
        guard case .numeric(let profile) = merged.content else { throw GoldenProblem("\(golden.id) has no numbers") }
        let sorted = values.sorted()
        let exact = try (golden.parameters["q"]?.arrayValue ?? []).map { json -> (String, JSON) in
            let q = json.number
            let exact = QuantileMethod.linear.quantile(q, ofSorted: sorted)
            // The sketch tells the lower of the two values that are interpolated between.
            let lower = QuantileMethod.lower.quantile(q, ofSorted: sorted)
            let bound = QuantileSketch.relativeError * (1 + 1e-12) * lower
            guard let sketched = profile.quantile(q), abs(sketched - lower) <= bound else {
                throw GoldenProblem("\(golden.id): the sketch errs by more than 1 % at \(q)")
            }
            return (json.text, .double(exact))
        }
        return [
            "exact_quantiles": .members(exact), "min": .double(profile.minimum ?? .nan),
            "max": .double(profile.maximum ?? .nan), "mean": .double(profile.mean),
            "var_sample": .double(profile.sampleVariance),
        ]
    }

    private static func distinct(_ golden: GoldenCase) throws -> JSON {
        let stream = try stream(golden)
        let cases = try (golden.expected["cases"]?.arrayValue ?? []).map { wanted -> JSON in
            guard let modulus = wanted["modulus"]?.integerValue, let limits = wanted["required_rel_err"],
                let limit = limits["p=12"]?.doubleValue
            else { throw GoldenProblem("\(golden.id) has a case without modulus or limit") }
            let values = stream.map { $0 % UInt64(modulus) }
            let exact = Set(values).count
            var sketches = (0..<parts).map { _ in DistinctCount() }
            for (row, value) in values.enumerated() { sketches[row % parts].add(hash: ItemHash.of(Double(value))) }
            let estimate = sketches.reduce(into: DistinctCount()) { $0.merge($1) }.estimate
            let isNear = abs(estimate / Double(exact) - 1) <= limit
            guard isNear, exact > 100 || estimate.rounded() == Double(exact) else {
                throw GoldenProblem("\(golden.id): \(estimate) different values instead of \(exact)")
            }
            return ["modulus": .integer(modulus), "true_distinct": .count(exact), "required_rel_err": limits]
        }
        return ["cases": .array(cases)]
    }

    /// Names with a cell of their own are counted exactly; the sketch for all others is held to its bound beside them.
    private static func heavyHitters(_ golden: GoldenCase) throws -> JSON {
        let exponent = try golden.parameter("zipf_exponent")
        let weights = (0..<Int(try golden.parameter("items"))).map { 1 / pow(Double($0 + 1), exponent) }
        let total = weights.reduce(0, +)
        var sum = 0.0
        let cumulative = weights.map { weight in
            sum += weight
            return sum / total
        }
        let items = try stream(golden).map { z -> Int in
            let u = uniform(z)
            return min(cumulative.partition { $0 >= u }, cumulative.count - 1)
        }
        let names = items.map { ColumnValue.text(String($0)) }
        let anchored = profile(names, ColumnAnchors(reference: names))
        guard case .categorical(let profile) = anchored.content else { throw GoldenProblem("no names") }
        try checkBound(golden, names, items)
        let top = profile.commonest(20).map { JSON.array([.count(Int($0.name) ?? -1), .count($0.count)]) }
        return ["top20": .array(top), "total": .count(profile.total)]
    }

    private static func checkBound(_ golden: GoldenCase, _ names: [ColumnValue], _ items: [Int]) throws {
        let bare = profile(names, .categorical(names: []))
        guard case .categorical(let profile) = bare.content else { throw GoldenProblem("no names") }
        let counts = items.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        let bound = items.count / (HeavyHitters.guaranteed + 1)
        for (item, count) in counts {
            let kept = profile.newcomers.counts[String(item)] ?? 0
            guard kept <= count, kept >= count - bound else {
                throw GoldenProblem("\(golden.id): item \(item) came \(count) times and is kept with \(kept)")
            }
        }
    }
}

extension [Double] {
    /// How many elements, of ascending ones, do not yet satisfy a test.
    fileprivate func partition(_ test: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if test(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
