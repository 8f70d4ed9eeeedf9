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
    private static let bins = 16
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
        let width = points.columns
        let cuts = (0..<width).map { column in Self.cuts(rows.map { points[$0, column] }) }
        self.cuts = cuts
        gains = Array(repeating: 0, count: width)
        let cells = rows.map { row in (0..<width).map { Self.cell(points[row, $0], cuts[$0]) } }
        var margins = [Double](repeating: 0, count: rows.count)
        for _ in 0..<rounds {
            let probabilities = margins.map { 1 / (1 + exp(-$0)) }
            let gradients = zip(rows, probabilities).map { (labels[$0] ? 1 : 0) - $1 }
            let weights = probabilities.map { max(1e-6, $0 * (1 - $0)) }
            let nodes = grow(cells, gradients, weights)
            for (index, row) in cells.enumerated() { margins[index] += Self.leaf(nodes, row) }
            trees.append(nodes)
        }
    }

    /// Distinct quantiles, at each of which values go left when they are at most as large.
    private static func cuts(_ values: [Double]) -> [Double] {
        let sorted = values.sorted()
        let quantiles = (1..<bins).map { sorted[sorted.count * $0 / bins] }
        var cuts: [Double] = []
        for cut in quantiles where cut != cuts.last && cut < sorted[sorted.count - 1] { cuts.append(cut) }
        return cuts
    }

    private static func cell(_ value: Double, _ cuts: [Double]) -> Int {
        cuts.partitioningIndex { value <= $0 }
    }

    private mutating func grow(_ cells: [[Int]], _ gradients: [Double], _ weights: [Double]) -> [Node] {
        var nodes = [Node](repeating: Node(), count: (1 << (Self.depth + 1)) - 1)
        var members: [[Int]] = Array(repeating: [], count: nodes.count)
        members[0] = Array(cells.indices)
        for index in nodes.indices where !members[index].isEmpty {
            let gradient = members[index].reduce(0) { $0 + gradients[$1] }
            let weight = members[index].reduce(0) { $0 + weights[$1] }
            let split = 2 * index + 2 < nodes.count ? bestSplit(members[index], cells, gradients, weights) : nil
            guard let split else {
                nodes[index].value = Self.learningRate * gradient / (weight + Self.prior * 0.25)
                continue
            }
            nodes[index].coordinate = split.coordinate
            nodes[index].bin = split.bin
            gains[split.coordinate] += split.gain
            for row in members[index] {
                members[cells[row][split.coordinate] <= split.bin ? 2 * index + 1 : 2 * index + 2].append(row)
            }
        }
        return nodes
    }

    private func bestSplit(
        _ members: [Int], _ cells: [[Int]], _ gradients: [Double], _ weights: [Double]
    ) -> (coordinate: Int, bin: Int, gain: Double)? {
        var best: (coordinate: Int, bin: Int, gain: Double)?
        let score = { (gradient: Double, weight: Double) in gradient * gradient / (weight + Self.prior * 0.25) }
        for coordinate in cuts.indices where !cuts[coordinate].isEmpty {
            var sums = [(gradient: Double, weight: Double)](
                repeating: (0, 0), count: cuts[coordinate].count + 1)
            for row in members {
                sums[cells[row][coordinate]].gradient += gradients[row]
                sums[cells[row][coordinate]].weight += weights[row]
            }
            let all = sums.reduce((0.0, 0.0)) { ($0.0 + $1.gradient, $0.1 + $1.weight) }
            var left = (0.0, 0.0)
            for bin in 0..<cuts[coordinate].count {
                left = (left.0 + sums[bin].gradient, left.1 + sums[bin].weight)
                guard left.1 > 0, all.1 - left.1 > 0 else { continue }
                let gain =
                    score(left.0, left.1) + score(all.0 - left.0, all.1 - left.1) - score(all.0, all.1)
                if gain > (best?.gain ?? 1e-9) { best = (coordinate, bin, gain) }
            }
        }
        return best
    }

    private static func leaf(_ nodes: [Node], _ cells: [Int]) -> Double {
        var index = 0
        while nodes[index].coordinate >= 0 {
            index = cells[nodes[index].coordinate] <= nodes[index].bin ? 2 * index + 1 : 2 * index + 2
        }
        return nodes[index].value
    }

    /// The log-odds of the label for a point.
    func margin(_ point: ArraySlice<Double>) -> Double {
        let cells = zip(point, cuts).map { Self.cell($0, $1) }
        return trees.reduce(0) { $0 + Self.leaf($1, cells) }
    }
}
