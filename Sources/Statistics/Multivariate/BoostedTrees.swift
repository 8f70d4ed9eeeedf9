#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A small classifier: trees of three levels, each fitted to what those before it left of the logistic loss (Friedman 2001),
/// with splits at quantiles of the points it learns from.
struct BoostedTrees: Sendable {
    /// What each coordinate took off the loss.
    private(set) var gains: [Double]
    private let cuts: [[Double]]
    private var trees: [[Node]] = []
    private static let learningRate = 0.2
    private static let depth = 3
    /// Shrinks small leaves, as a prior of so many rows.
    private static let prior = 4.0

    /// A split, or a leaf when `coordinate` is −1; children of node i are 2i + 1 and 2i + 2.
    private struct Node {
        var coordinate = -1
        var bin = 0
        var value = 0.0
    }

    /// Learns to tell `labels` of the points of `rows`.
    init(_ points: Matrix, labels: [Bool], rows: [Int], rounds: Int = 30) {
        let points = BinnedPoints(points, rows: rows)
        cuts = points.cuts
        gains = Array(repeating: 0, count: cuts.count)
        var margins = [Double](repeating: 0, count: rows.count)
        for _ in 0..<rounds {
            let values = zip(rows, margins).map { row, margin in
                let probability = 1 / (1 + exp(-margin))
                return BinnedPoints.Sums(
                    (labels[row] ? 1 : 0) - probability, max(1e-6, probability * (1 - probability)))
            }
            let nodes = grow(points, values)
            for point in margins.indices { margins[point] += Self.leaf(nodes) { points.bin(of: point, $0) } }
            trees.append(nodes)
        }
    }

    /// - Parameter values: gradient and weight of each point.
    private mutating func grow(_ points: BinnedPoints, _ values: [BinnedPoints.Sums]) -> [Node] {
        var nodes = [Node](repeating: Node(), count: (1 << (Self.depth + 1)) - 1)
        var members: [[Int]] = Array(repeating: [], count: nodes.count)
        members[0] = Array(values.indices)
        for index in nodes.indices where !members[index].isEmpty {
            let sum = members[index].reduce(BinnedPoints.Sums(0, 0)) { $0 + values[$1] }
            let split = 2 * index + 2 < nodes.count ? bestSplit(points, members[index], values) : nil
            guard let split else {
                nodes[index].value = Self.learningRate * sum.x / (sum.y + Self.prior * 0.25)
                continue
            }
            nodes[index].coordinate = split.coordinate
            nodes[index].bin = split.bin
            gains[split.coordinate] += split.gain
            for point in members[index] {
                let isLeft = points.bin(of: point, split.coordinate) <= split.bin
                members[isLeft ? 2 * index + 1 : 2 * index + 2].append(point)
            }
        }
        return nodes
    }

    private func bestSplit(
        _ points: BinnedPoints, _ members: [Int], _ values: [BinnedPoints.Sums]
    ) -> (coordinate: Int, bin: Int, gain: Double)? {
        var best: (coordinate: Int, bin: Int, gain: Double)?
        let score = { (sum: BinnedPoints.Sums) in sum.x * sum.x / (sum.y + Self.prior * 0.25) }
        points.forEachCoordinate(summing: values, of: members) { coordinate, sums in
            let all = sums.reduce(BinnedPoints.Sums(0, 0)) { $0 + $1 }
            let whole = score(all)
            var left = BinnedPoints.Sums(0, 0)
            for bin in 0..<sums.count - 1 {
                left += sums[bin]
                guard left.y > 0, all.y - left.y > 0 else { continue }
                let gain = score(left) + score(all - left) - whole
                if gain > (best?.gain ?? 1e-9) { best = (coordinate, bin, gain) }
            }
        }
        return best
    }

    /// - Parameter bin: of the point, by coordinate.
    private static func leaf(_ nodes: [Node], bin: (Int) -> Int) -> Double {
        var index = 0
        while nodes[index].coordinate >= 0 {
            index = bin(nodes[index].coordinate) <= nodes[index].bin ? 2 * index + 1 : 2 * index + 2
        }
        return nodes[index].value
    }

    /// The log-odds of the label for a point.
    func margin(_ point: ArraySlice<Double>) -> Double {
        let cells = zip(point, cuts).map { BinnedPoints.cell($0, $1) }
        return trees.reduce(0) { $0 + Self.leaf($1) { cells[$0] } }
    }
}
