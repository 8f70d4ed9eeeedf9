#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A function of the distance between any two points of two samples, each pair once: what tests by kernels and by energy are
/// sums of.
///
/// Memory grows with the square of the number of points, 8 bytes a pair: 2,000 points a side take 64 MB.
package struct PairKernel: Sendable {
    /// Points of the first sample, which come first, and of both.
    package let firstCount: Int
    package let count: Int
    /// Below the diagonal, row by row.
    private var values: [Double]

    /// The squared Euclidean distances between the rows of two matrices of equal width.
    package init(squaredDistances first: Matrix, _ second: Matrix) {
        firstCount = first.rows
        count = first.rows + second.rows
        let (count, width) = (count, first.columns)
        let points = first.elements + second.elements
        values = [Double](unsafeUninitializedCapacity: max(0, count * (count - 1) / 2)) { buffer, size in
            var index = 0
            for i in 0..<count {
                for j in 0..<i {
                    var sum = 0.0
                    for k in 0..<width {
                        let difference = points[i * width + k] - points[j * width + k]
                        sum += difference * difference
                    }
                    buffer.initializeElement(at: index, to: sum)
                    index += 1
                }
            }
            size = index
        }
    }

    /// The median over all pairs; NaN for fewer than two points.
    package var median: Double { values.median }

    /// e^(−γ d²) of squared distances.
    package func gaussian(gamma: Double) -> PairKernel {
        var kernel = self
        for index in kernel.values.indices { kernel.values[index] = exp(-gamma * values[index]) }
        return kernel
    }

    /// d of squared distances.
    package var distances: PairKernel {
        var kernel = self
        for index in kernel.values.indices { kernel.values[index] = values[index].squareRoot() }
        return kernel
    }

    /// Sums over the pairs within the first sample, within the second, and across, when `isFirst` says which points make the
    /// first one.
    package func sums(isFirst: [Bool]) -> PairSums {
        var (first, second, all) = (0.0, 0.0, 0.0)
        values.withUnsafeBufferPointer { values in
            var index = 0
            for i in 0..<count {
                var (same, total) = (0.0, 0.0)
                let side = isFirst[i]
                for j in 0..<i {
                    let value = values[index]
                    index += 1
                    total += value
                    if isFirst[j] == side { same += value }
                }
                all += total
                if side { first += same } else { second += same }
            }
        }
        let n = Double(isFirst.count { $0 })
        return PairSums(
            first: first, second: second, across: all - first - second, counts: (n, Double(count) - n))
    }

    /// The sums of the samples as they came.
    package var sums: PairSums { sums(isFirst: membership) }

    var membership: [Bool] { (0..<count).map { $0 < firstCount } }
}

/// Sums of a kernel over pairs of points, each pair once.
package struct PairSums: Sendable {
    let first: Double
    let second: Double
    let across: Double
    let counts: (Double, Double)

    /// MMD² of a kernel that is 1 at distance 0 (Gretton et al. 2012, 5): mean k(x, x′) + mean k(y, y′) − 2 mean k(x, y) over
    /// all pairs, a point with itself among them. Never below 0.
    package var biasedMeanDiscrepancy: Double {
        let (n, m) = counts
        return (2 * first + n) / (n * n) + (2 * second + m) / (m * m) - 2 * across / (n * m)
    }

    /// The same over pairs of different points (Gretton et al. 2012, 3): its mean is 0 without drift, so it falls below 0 too.
    package var unbiasedMeanDiscrepancy: Double {
        let (n, m) = counts
        return 2 * first / (n * (n - 1)) + 2 * second / (m * (m - 1)) - 2 * across / (n * m)
    }

    /// The squared energy distance 2E|X − Y| − E|X − X′| − E|Y − Y′| of a kernel of distances (Székely & Rizzo 2013), over all
    /// pairs.
    package var squaredEnergy: Double {
        let (n, m) = counts
        return 2 * across / (n * m) - 2 * first / (n * n) - 2 * second / (m * m)
    }
}
