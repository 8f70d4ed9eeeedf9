/// What lies between scattered points: an estimate at each node of a grid over the unit square, by inverse distance weighting
/// (Shepard, "A two-dimensional interpolation function for irregularly-spaced data", 1968). The power is the third: with one no
/// greater than the two dimensions, the many that are far would outweigh the few that are near. It goes through the points and never
/// beyond the least and the greatest of them.
struct ContourField: Sendable {
    struct Place: Sendable, Hashable {
        /// From 0 to 1.
        let x: Double
        let y: Double
    }

    let columns: Int
    let rows: Int
    /// Row by row from the lowest.
    let values: [Double]

    /// - Parameters:
    ///   - points: at least one; finite.
    ///   - columns: at least two, as `rows`.
    init(_ points: [(place: Place, value: Double)], columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        values = (0..<columns * rows).map { node in
            let x = Double(node % columns) / Double(columns - 1)
            let y = Double(node / columns) / Double(rows - 1)
            return Self.estimate(at: x, y, points)
        }
    }

    private static func estimate(at x: Double, _ y: Double, _ points: [(place: Place, value: Double)]) -> Double {
        var (sum, weights) = (0.0, 0.0)
        var (here, count) = (0.0, 0.0)
        for (place, value) in points {
            let distance = (place.x - x) * (place.x - x) + (place.y - y) * (place.y - y)
            if distance < 1e-12 {
                here += value
                count += 1
            } else {
                let weight = 1 / (distance * distance.squareRoot())
                sum += value * weight
                weights += weight
            }
        }
        return count > 0 ? here / count : sum / weights
    }

    /// The closed lines around everything that is at least `level`, with that on their left (marching squares; Lorensen and Cline,
    /// "Marching Cubes", 1987, in the plane). Where the edge of the square cuts it off they follow the edge.
    func loops(above level: Double) -> [[Place]] {
        var next: [Int: Int] = [:]
        // One ring of nodes around the grid is below any level, so that every line is closed.
        for row in 0...rows {
            for column in 0...columns { connect(column, row, level, &next) }
        }
        var loops: [[Place]] = []
        while let start = next.keys.min() {
            var loop: [Place] = []
            var edge: Int? = start
            while let at = edge, let following = next.removeValue(forKey: at) {
                loop.append(crossing(at, level))
                edge = following
            }
            loops.append(Self.straightened(loop))
        }
        return loops.filter { $0.count > 2 }
    }

    // MARK: Squares

    private var width: Int { columns + 2 }

    /// At a node of the grid with its ring, counted from 0.
    private func value(_ column: Int, _ row: Int) -> Double {
        guard (1...columns).contains(column), (1...rows).contains(row) else { return -.infinity }
        return values[(row - 1) * columns + column - 1]
    }

    /// The lines through one square, from the side by which they enter it to the one by which they leave it. A side is named by its
    /// lower or left node, doubled, and one more when it is upright.
    private func connect(_ column: Int, _ row: Int, _ level: Double, _ next: inout [Int: Int]) {
        let corners = [
            value(column, row), value(column + 1, row), value(column + 1, row + 1), value(column, row + 1),
        ]
        let inside = corners.map { $0 >= level }
        guard inside.contains(true), inside.contains(false) else { return }
        let node = row * width + column
        let sides = [2 * node, 2 * (node + 1) + 1, 2 * (node + width), 2 * node + 1]
        // Around the square from the lower left corner, a side either leaves what is inside or comes back to it.
        let leaving = (0..<4).filter { inside[$0] && !inside[($0 + 1) % 4] }
        let coming = (0..<4).filter { !inside[$0] && inside[($0 + 1) % 4] }
        // Two opposite corners are one region when what lies between all four is inside.
        let isJoined = corners.reduce(0, +) / 4 >= level
        for side in leaving {
            let steps = isJoined ? [1, 2, 3] : [3, 2, 1]
            if let step = steps.first(where: { coming.contains((side + $0) % 4) }) {
                next[sides[side]] = sides[(side + step) % 4]
            }
        }
    }

    /// Where the level lies on a side: between its nodes, or at the one that belongs to the grid.
    private func crossing(_ side: Int, _ level: Double) -> Place {
        let node = side / 2
        let (column, row) = (node % width, node / width)
        let isUpright = side % 2 == 1
        let first = value(column, row)
        let second = isUpright ? value(column, row + 1) : value(column + 1, row)
        let part =
            !first.isFinite ? 1 : !second.isFinite ? 0 : first == second ? 0.5 : (level - first) / (second - first)
        let x = Double(column - 1) + (isUpright ? 0 : part)
        let y = Double(row - 1) + (isUpright ? part : 0)
        return Place(
            x: min(1, max(0, x / Double(columns - 1))), y: min(1, max(0, y / Double(rows - 1))))
    }

    /// Without the points that lie on a straight line between their neighbours.
    private static func straightened(_ all: [Place]) -> [Place] {
        // At a corner of the square two sides are cut at the same place.
        let loop = all.indices.filter { all[$0] != all[($0 + 1) % all.count] }.map { all[$0] }
        return loop.indices.filter { index in
            let (before, here, after) = (
                loop[(index + loop.count - 1) % loop.count], loop[index], loop[(index + 1) % loop.count]
            )
            let turn = (here.x - before.x) * (after.y - here.y) - (here.y - before.y) * (after.x - here.x)
            return abs(turn) > 1e-12
        }.map { loop[$0] }
    }
}
