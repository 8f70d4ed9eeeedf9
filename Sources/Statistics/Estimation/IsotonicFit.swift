/// The non-decreasing function of scores that comes closest to the outcomes, least squares, by pooling adjacent violators
/// (Ayer et al. 1955): what turns scores into probabilities without assuming a shape.
///
/// Between the points it is linear, beyond them constant.
package struct IsotonicFit: Sendable, Equatable {
    /// Ascending and distinct.
    package let scores: [Double]
    /// Non-decreasing.
    package let values: [Double]

    /// The points of a fit that was stored.
    package init(scores: [Double], values: [Double]) {
        self.scores = scores
        self.values = values
    }

    private struct Block {
        var weight: Double
        var mean: Double
        /// Of the distinct scores that it covers.
        var first: Int
        var last: Int
    }

    /// One outcome and weight (default 1) for each score. Rows of one score become one point first.
    package init(scores: [Double], outcomes: [Double], weights: [Double]? = nil) {
        var distinct: [Double] = []
        var blocks: [Block] = []
        for index in scores.indices.sorted(by: { scores[$0] < scores[$1] }) {
            let weight = weights?[index] ?? 1
            if distinct.last == scores[index], var block = blocks.popLast() {
                block.weight += weight
                block.mean += (outcomes[index] - block.mean) * weight / block.weight
                blocks.append(block)
            } else {
                blocks.append(
                    Block(weight: weight, mean: outcomes[index], first: distinct.count, last: distinct.count))
                distinct.append(scores[index])
            }
        }
        let pooled = Self.pool(blocks)
        // Points within a block lie on its line: only its ends are needed.
        var points: [(Double, Double)] = []
        for block in pooled {
            points.append((distinct[block.first], block.mean))
            if block.last > block.first { points.append((distinct[block.last], block.mean)) }
        }
        self.scores = points.map(\.0)
        values = points.map(\.1)
    }

    private static func pool(_ blocks: [Block]) -> [Block] {
        var pooled: [Block] = []
        for block in blocks {
            var block = block
            while let before = pooled.last, before.mean >= block.mean {
                pooled.removeLast()
                let weight = before.weight + block.weight
                block.mean = (before.mean * before.weight + block.mean * block.weight) / weight
                block.weight = weight
                block.first = before.first
            }
            pooled.append(block)
        }
        return pooled
    }

    /// NaN when nothing was fitted.
    package func callAsFunction(_ score: Double) -> Double {
        guard let first = values.first, let last = values.last else { return .nan }
        let above = scores.partitioningIndex { $0 >= score }
        guard above > 0 else { return first }
        guard above < scores.count else { return last }
        let part = (score - scores[above - 1]) / (scores[above] - scores[above - 1])
        return values[above - 1] + part * (values[above] - values[above - 1])
    }
}
