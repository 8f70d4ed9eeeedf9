#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The orders of two pooled samples, as paths from (0, 0) to (n, m) on a lattice: a step along i for each value of the first
/// sample, along j for each one of the second. At (i, j) the distribution functions are i/n − j/m apart.
///
/// The share of paths on which a distance is reached comes from a recursion along the diagonals i + j = k in which every step adds
/// positive terms, so that small answers keep their precision (Hodges 1957; Schröer & Trenkler 1995). Paths have weights, those of
/// a walk that goes along j with probability m / (n + m): all whole paths weigh the same, and no weight is large. The recursion
/// looks only at points where the distance is not reached, since beyond them all paths have reached it, and what all paths to a
/// point weigh is a binomial probability.
///
/// Turned by half, the lattice is its own image: paths to its middle also say what becomes of them behind it. So D·n·m points
/// are looked at, where the lattice has n·m.
struct OrderPaths {
    private let n: Int
    private let m: Int
    private let isTwoSided: Bool
    /// At (i, j) the distance is i·stepN − j·stepM, in units of 1 / lcm(n, m).
    private let stepN: Int
    private let stepM: Int
    /// The distance that is to be reached.
    private let limit: Int
    /// What a step along j weighs, and one along i.
    private let along: Double
    private let across: Double

    /// Places before that of the first point.
    private static let margin = 4

    /// - Parameter isTwoSided: otherwise the second distribution function must be the lower one.
    init(_ n: Int, _ m: Int, statistic: Double, isTwoSided: Bool) {
        let divisor = greatestCommonDivisor(n, m)
        // Points are told by j, of which there are fewer then.
        let (n, m) = isTwoSided ? (max(n, m), min(n, m)) : (n, m)
        (self.n, self.m, self.isTwoSided) = (n, m, isTwoSided)
        (stepN, stepM) = (m / divisor, n / divisor)
        limit = Int((statistic * Double(n) * Double(stepN)).rounded())
        along = Double(m) / Double(n + m)
        across = 1 - along
    }

    /// The share of all paths on which the distance is reached.
    var share: Double {
        guard limit > 0 else { return 1 }
        // By j: of paths that have reached it.
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.margin + m + 2) { reached in
            reached.initialize(repeating: 0)
            var front = Front(self)
            guard isTwoSided else {
                for _ in 0..<(n + m) where !advance(&front, reached) { return 1 }
                return reached[Self.margin + m] / weights(n + m)[m]
            }
            for _ in 0..<(n + m) / 2 where !advance(&front, reached) { return 1 }
            let (middle, there) = (front, Array(reached))
            guard (n + m).isMultiple(of: 2) || advance(&front, reached) else { return 1 }
            return share(of: (middle, there), meeting: (front, Array(reached)))
        }
    }

    /// - Parameters:
    ///   - there: the diagonal in the middle.
    ///   - back: the one that is as far from the start as this one is from the end.
    private func share(of there: (Front, [Double]), meeting back: (Front, [Double])) -> Double {
        let to = weights(there.0.k)
        let from = there.0.k == back.0.k ? to : weights(back.0.k)
        var (reaching, all) = (0.0, 0.0)
        for j in max(0, there.0.k - n)...min(there.0.k, m) {
            let paths = to[j] * from[m - j]
            all += paths
            if j >= there.0.first, j <= there.0.last {
                let (reached, later) = (there.1[Self.margin + j], back.1[Self.margin + m - j])
                reaching += reached * from[m - j] + (to[j] - reached) * later
            } else {
                reaching += paths
            }
        }
        return reaching / all
    }

    /// Of all paths to the points of a diagonal, by j.
    private func weights(_ k: Int) -> [Double] {
        var weight = PathWeight(along: along, across: across, steps: k)
        return (0...m).map { _ in
            defer { weight.slide() }
            return weight.value
        }
    }

    /// A diagonal that the recursion has come to.
    private struct Front {
        var k = 0
        /// Where the distance is not reached.
        var first = 0
        var last = 0
        /// The first point that is not too far to one side, and how far it is; the first one that is too far to the other, and how far.
        var near = 0
        var nearDistance = 0
        var far: Int
        var farDistance: Int
        /// Of all paths to the points before the first and behind the last.
        var before: PathWeight
        var behind: PathWeight

        init(_ paths: OrderPaths) {
            far = (paths.limit - 1) / (paths.stepN + paths.stepM) + 1
            farDistance = -far * (paths.stepN + paths.stepM)
            before = PathWeight(along: paths.along, across: paths.across)
            behind = before
        }
    }

    /// Goes to the next diagonal.
    /// - Returns: false when no path passes it without having reached the distance.
    @inline(__always)
    private func advance(_ front: inout Front, _ reached: UnsafeMutableBufferPointer<Double>) -> Bool {
        front.k += 1
        let k = front.k
        let nearStep = front.nearDistance + stepN >= limit ? 1 : 0
        front.near += nearStep
        front.nearDistance += stepN - nearStep * (stepN + stepM)
        front.before.advance(alongJ: front.near > 1 ? nearStep : 0)
        front.first = max(front.near, k - n)
        front.last = min(k, m)
        if isTwoSided {
            // Until it comes into the lattice it is the last point of the diagonal that counts.
            let isOutside = front.far >= k
            let farStep = front.farDistance + stepN > -limit ? 1 : 0
            front.far += farStep
            front.farDistance += stepN - farStep * (stepN + stepM)
            front.behind.advance(alongJ: isOutside ? 1 : farStep)
            front.last = min(front.last, front.far - 1)
        }
        let (first, last) = (front.first, front.last)
        guard first <= last else { return false }
        add(reached, first, last, along, across)
        // Outside of the lattice are no paths.
        reached[Self.margin + first - 1] = front.near > 0 ? front.before.value : 0
        reached[Self.margin + last + 1] = isTwoSided && front.far <= k ? front.behind.value : 0
        return true
    }

    /// Makes the weights of some points of a diagonal of those of the one before. What it makes of a few points before the first is
    /// not read.
    @inline(__always)
    private func add(
        _ reached: UnsafeMutableBufferPointer<Double>, _ first: Int, _ last: Int, _ along: Double, _ across: Double
    ) {
        typealias Points = SIMD4<Double>
        let bytes = UnsafeMutableRawBufferPointer(reached)
        let size = MemoryLayout<Double>.stride
        let start = (Self.margin + first) * size
        var place = (Self.margin + last + 1) * size
        // Downwards, because each point takes the former diagonal's weights at its own place and the one before.
        while place > start {
            place -= Points.scalarCount * size
            let own = bytes.loadUnaligned(fromByteOffset: place, as: Points.self)
            let before = bytes.loadUnaligned(fromByteOffset: place - size, as: Points.self)
            bytes.storeBytes(of: across * own + along * before, toByteOffset: place, as: Points.self)
        }
    }
}

/// What all paths to a point weigh, which moves along the lattice: C(i + j, j)·along^j·across^i. Held with an exponent of its own, so
/// that it is right again where it was too small for a number on the way.
private struct PathWeight {
    private let along: Double
    private let across: Double
    private var i = 0.0
    private var j = 0.0
    private var mantissa = 1.0
    private var exponent = 0

    /// Behind so many steps along i.
    init(along: Double, across: Double, steps: Int = 0) {
        (self.along, self.across) = (along, across)
        i = Double(steps)
        for _ in 0..<steps { multiply(across) }
    }

    var value: Double { exponent == 0 ? mantissa : scalbn(mantissa, Int32(clamping: exponent)) }

    /// To one of both points of the next diagonal.
    /// - Parameter step: 1 to go along j, 0 to go along i.
    @inline(__always)
    mutating func advance(alongJ step: Int) {
        let step = Double(step)
        (i, j) = (i + (1 - step), j + step)
        multiply((across + step * (along - across)) * (i + j) / (i + step * (j - i)))
    }

    /// To the next point of the same diagonal; beyond the last one it weighs nothing.
    mutating func slide() {
        let factor = along * i / (across * (j + 1))
        (i, j) = (i - 1, j + 1)
        multiply(factor)
    }

    @inline(__always)
    private mutating func multiply(_ factor: Double) {
        mantissa *= factor
        if mantissa < 0x1p-512 || exponent < 0 { normalize() }
    }

    private mutating func normalize() {
        if mantissa < 0x1p-512 {
            (mantissa, exponent) = (mantissa * 0x1p512, exponent - 512)
        } else if mantissa > 1 {
            (mantissa, exponent) = (mantissa * 0x1p-512, exponent + 512)
        }
    }
}
