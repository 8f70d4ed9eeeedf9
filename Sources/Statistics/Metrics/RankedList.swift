#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// One list that was put in order by scores: what was asked for once, with how relevant each of its items was.
package struct RankedList: Sendable {
    /// From the highest score down; equal scores in the order in which they came.
    private let relevances: [Double]
    private let scores: [Double]

    /// One relevance and score for each item; the longer column is cut.
    package init(relevances: [Double], scores: [Double]) {
        let count = min(relevances.count, scores.count)
        let order = (0..<count).sorted { (scores[$1], $0) < (scores[$0], $1) }
        self.relevances = order.map { relevances[$0] }
        self.scores = order.map { scores[$0] }
    }

    /// What an item of some relevance is worth.
    package enum Gain: Sendable {
        case linear
        /// 2^relevance − 1.
        case exponential

        func callAsFunction(_ relevance: Double) -> Double {
            self == .linear ? relevance : exp2(relevance) - 1
        }
    }

    /// The discounted gain of the first `k` places as a share of the best order's: Σ gain / log₂(place + 1). Items of one
    /// score share the places that they take. 0 when nothing is relevant.
    package func normalizedGain(_ k: Int, _ gain: Gain = .linear) -> Double {
        let discounts = relevances.indices.map { $0 < k ? 1 / log2(Double($0 + 2)) : 0 }
        let best = zip(relevances.sorted(by: >), discounts).reduce(0) { $0 + gain($1.0) * $1.1 }
        guard best > 0 else { return 0 }
        var (sum, start) = (0.0, 0)
        while start < relevances.count, start < k {
            var end = start + 1
            while end < relevances.count, scores[end] == scores[start] { end += 1 }
            let gains = relevances[start..<end].reduce(0) { $0 + gain($1) } / Double(end - start)
            sum += gains * discounts[start..<end].reduce(0, +)
            start = end
        }
        return sum / best
    }

    /// Whether any of the first `k` items is relevant at least `level`.
    package func isHit(_ k: Int, level: Double) -> Bool {
        relevances.prefix(k).contains { $0 >= level }
    }

    /// 1 / the place of the first relevant item; 0 when there is none among the first `k`.
    package func reciprocalRank(_ k: Int, level: Double) -> Double {
        relevances.prefix(k).firstIndex { $0 >= level }.map { 1 / Double($0 + 1) } ?? 0
    }

    /// The sum of the precisions at each relevant item of the first `k`, over min(k, relevant items); 0 when there is none.
    package func averagePrecision(_ k: Int, level: Double) -> Double {
        let relevant = relevances.count { $0 >= level }
        guard relevant > 0 else { return 0 }
        var (hits, sum) = (0.0, 0.0)
        for (place, relevance) in relevances.prefix(k).enumerated() where relevance >= level {
            hits += 1
            sum += hits / Double(place + 1)
        }
        return sum / Double(min(k, relevant))
    }
}
