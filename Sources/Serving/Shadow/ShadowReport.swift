import OrderedCollections
import Statistics
package import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What two versions had in common over everything that was compared.
package struct ShadowTotals: Sendable, Hashable {
    package let primaryVersion: String
    package let shadowVersion: String
    package let requests: Int
    package let rows: Int
    /// Rows to which both gave the same answer, numbers up to a tolerance.
    package let agreeing: Int
    /// Rows that the shadow gave no answer to.
    package let failed: Int
    /// Requests that were left out because there was too much to do.
    package let dropped: Int
    /// Rows whose answers have numbers to compare.
    package let numericRows: Int
    package let differenceSum: Double
    package let largestDifference: Double
    package let start: Timestamp
    package let end: Timestamp

    package init(
        primaryVersion: String, shadowVersion: String, requests: Int, rows: Int, agreeing: Int, failed: Int,
        dropped: Int, numericRows: Int, differenceSum: Double, largestDifference: Double, start: Timestamp,
        end: Timestamp
    ) {
        self.primaryVersion = primaryVersion
        self.shadowVersion = shadowVersion
        self.requests = requests
        self.rows = rows
        self.agreeing = agreeing
        self.failed = failed
        self.dropped = dropped
        self.numericRows = numericRows
        self.differenceSum = differenceSum
        self.largestDifference = largestDifference
        self.start = start
        self.end = end
    }

    /// Of the rows that both answered.
    package var agreement: Double? {
        rows > failed ? Double(agreeing) / Double(rows - failed) : nil
    }
}

/// How a model in the shadow compares with the one that answers.
struct ShadowReport: Sendable {
    let totals: ShadowTotals
    /// The newest rows.
    let pairs: [ShadowPair]
    let worst: [ShadowPair]

    var json: JSON {
        .compact([
            "primary": .string(totals.primaryVersion), "shadow": .string(totals.shadowVersion),
            "requests": .integer(Int64(totals.requests)), "rows": .integer(Int64(totals.rows)),
            "dropped_requests": .integer(Int64(totals.dropped)), "failed_rows": .integer(Int64(totals.failed)),
            "agreement": totals.agreement.map(JSON.double), "numeric": numeric, "labels": labels, "scores": scores,
            "latency": latency, "compared_since": totals.start.json, "compared_until": totals.end.json,
            "worst": .array(worst.map(\.json)),
        ])
    }

    private var numeric: JSON? {
        guard totals.numericRows > 0 else { return nil }
        return [
            "rows": .integer(Int64(totals.numericRows)),
            "mean_difference": .double(totals.differenceSum / Double(totals.numericRows)),
            "largest_difference": .double(totals.largestDifference),
        ]
    }

    // MARK: Of the newest rows

    /// How many rows lie how far apart, those that agree first, then by powers of ten; empty where no answers are numbers.
    var differences: [(words: String, rows: Int)] {
        let found = pairs.compactMap(\.comparison).filter { $0.difference != nil }
        guard !found.isEmpty else { return [] }
        let equal = found.count(where: \.agrees)
        var byPower: [Int: Int] = [:]
        for comparison in found where !comparison.agrees {
            guard let difference = comparison.difference, difference > 0 else { continue }
            byPower[max(-6, min(6, Int(log10(difference).rounded(.down)))), default: 0] += 1
        }
        let powers = byPower.keys.min().map { Array($0...(byPower.keys.max() ?? $0)) } ?? []
        return [("the same", equal)]
            + powers.map { power in
                let (low, high) = (Self.power(power), Self.power(power + 1))
                let words = power == -6 ? "below \(high)" : power == 6 ? "from \(low)" : "\(low) to \(high)"
                return (words, byPower[power] ?? 0)
            }
    }

    private static func power(_ exponent: Int) -> String {
        exponent < 0
            ? "0." + String(repeating: "0", count: -exponent - 1) + "1" : "1" + String(repeating: "0", count: exponent)
    }

    /// How often the labels differ, and which take the place of which.
    private var labels: JSON? {
        let labels = pairs.compactMap { pair in
            zip(pair.primary.predictedLabel, pair.shadow?.predictedLabel)
        }
        guard !labels.isEmpty else { return nil }
        let changed = labels.filter { $0.0 != $0.1 }
        let kinds = Dictionary(grouping: changed) { "\($0.0) → \($0.1)" }.mapValues(\.count)
        let most = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10)
        return [
            "rows": .integer(Int64(labels.count)),
            "disagreement": .double(Double(changed.count) / Double(labels.count)),
            "changes": .members(most.map { ($0.key, .integer(Int64($0.value))) }),
        ]
    }

    /// How the scores are spread, and how far apart: the population stability index over tenths of the primary's.
    private var scores: JSON? {
        let scores = pairs.compactMap { pair in zip(pair.primary.score, pair.shadow?.score) }
        guard scores.count >= 20 else { return nil }
        let primary = scores.map(\.0).sorted()
        let shadow = scores.map(\.1).sorted()
        let edges = (1..<10).map { primary[primary.count * $0 / 10] }
        let index = ShareDistance.populationStabilityIndex(
            Self.shares(primary, edges), Self.shares(shadow, edges), floor: 1e-4)
        return [
            "rows": .integer(Int64(scores.count)), "population_stability_index": .double(index),
            "primary": Self.quantiles(primary), "shadow": Self.quantiles(shadow),
        ]
    }

    private static func shares(_ values: [Double], _ edges: [Double]) -> [Double] {
        var counts = [Double](repeating: 0, count: edges.count + 1)
        for value in values { counts[edges.count { $0 < value }] += 1 }
        return counts.map { $0 / Double(values.count) }
    }

    private var latency: JSON? {
        guard !pairs.isEmpty else { return nil }
        return [
            "unit": "microseconds", "primary": Self.quantiles(pairs.map { Double($0.primaryLatencyUs) }.sorted()),
            "shadow": Self.quantiles(pairs.map { Double($0.shadowLatencyUs) }.sorted()),
        ]
    }

    private static func quantiles(_ sorted: [Double]) -> JSON {
        func at(_ share: Double) -> JSON { .double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) }
        return ["p5": at(0.05), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99)]
    }

    private func zip<Value>(_ left: Value?, _ right: Value?) -> (Value, Value)? {
        left.flatMap { left in right.map { (left, $0) } }
    }
}

extension ShadowPair: JSONRepresentable {
    package var json: JSON {
        .compact([
            "prediction_id": .string(prediction), "time": time.json, "primary": primary, "shadow": shadow,
            "difference": comparison?.difference.map(JSON.double), "primary_us": .integer(primaryLatencyUs),
            "shadow_us": .integer(shadowLatencyUs), "problem": problem.map(JSON.string),
        ])
    }
}

extension JSON {
    /// The class that an answer stands for: itself when it is a word or a whole number, the place of the largest of
    /// several scores.
    fileprivate var predictedLabel: String? {
        switch self {
        case .string(let text): return text
        case .integer, .bool: return text
        case .array(let elements):
            if elements.count == 1 { return elements[0].predictedLabel }
            let scores = elements.compactMap(\.doubleValue)
            guard scores.count == elements.count, let largest = scores.max() else { return nil }
            return scores.firstIndex(of: largest).map(String.init)
        case .object(let members): return members.count == 1 ? members.values[0].predictedLabel : nil
        case .double, .null: return nil
        }
    }

    /// The number that an answer stands for: itself, or the last of several scores.
    fileprivate var score: Double? {
        switch self {
        case .double, .integer: doubleValue
        case .array(let elements): elements.last?.score
        case .object(let members): members.count == 1 ? members.values[0].score : nil
        case .string, .bool, .null: nil
        }
    }
}
