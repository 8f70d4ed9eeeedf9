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
        // Coordinate by coordinate, so that neighbours are read at once; each pair adds up its coordinates in their order.
        let stride = (count + Self.lanes - 1) / Self.lanes * Self.lanes
        var turned = [Double](repeating: 0, count: stride * width)
        for i in 0..<count {
            for k in 0..<width { turned[k * stride + i] = points[i * width + k] }
        }
        values = [Double](unsafeUninitializedCapacity: max(0, count * (count - 1) / 2)) { buffer, size in
            turned.withUnsafeBytes { turned in
                points.withUnsafeBufferPointer { points in
                    for i in 0..<count {
                        for j in Swift.stride(from: 0, to: i, by: Self.lanes) {
                            var sums = SIMD8<Double>(repeating: 0)
                            for k in 0..<width {
                                let place = (k &* stride &+ j) &* MemoryLayout<Double>.stride
                                let others = turned.loadUnaligned(fromByteOffset: place, as: SIMD8<Double>.self)
                                let difference = SIMD8(repeating: points[i &* width &+ k]) - others
                                sums += difference * difference
                            }
                            for lane in 0..<min(Self.lanes, i - j) {
                                buffer.initializeElement(at: size, to: sums[lane])
                                size += 1
                            }
                        }
                    }
                }
            }
        }
    }

    /// So many pairs are worked on at once.
    private static let lanes = 8

    /// The median over all pairs; NaN for fewer than two points.
    package var median: Double {
        QuantileMethod.linear.quantile(0.5, ofSorted: DigitSort.ascending(values))
    }

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
    package func sums(isFirst: [Bool]) -> PairSums { sums(deals: [isFirst])[0] }

    /// The same for several ways to deal the points out.
    func sums(deals: [[Bool]]) -> [PairSums] {
        let all = all
        return stride(from: 0, to: deals.count, by: Self.deals).flatMap { start in
            sums(lot: deals[start..<min(start + Self.deals, deals.count)], all)
        }
    }

    /// So many deals are added up in one go over the pairs.
    static let deals = 4

    /// All pairs.
    private var all: Double {
        var all = 0.0
        var index = 0
        for i in 0..<count {
            var total = 0.0
            for _ in 0..<i {
                total += values[index]
                index += 1
            }
            all += total
        }
        return all
    }

    /// - Parameter deals: at most `Self.deals`.
    private func sums(lot deals: ArraySlice<[Bool]>, _ all: Double) -> [PairSums] {
        // All bits or none, so that a pair counts or does not without a branch.
        var sides = [SIMD4<UInt64>](repeating: .zero, count: count)
        for (lane, deal) in deals.enumerated() {
            for point in 0..<count where deal[point] { sides[point][lane] = .max }
        }
        var (first, second) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        values.withUnsafeBufferPointer { values in
            sides.withUnsafeBufferPointer { sides in
                var index = 0
                for i in 0..<count {
                    let opposite = ~sides[i]
                    var same = SIMD4<Double>.zero
                    for j in 0..<i {
                        let value = SIMD4<UInt64>(repeating: values[index].bitPattern)
                        index &+= 1
                        same += unsafeBitCast((sides[j] ^ opposite) & value, to: SIMD4<Double>.self)
                    }
                    let isFirst = sides[i]
                    let bits = unsafeBitCast(same, to: SIMD4<UInt64>.self)
                    first += unsafeBitCast(bits & isFirst, to: SIMD4<Double>.self)
                    second += unsafeBitCast(bits & opposite, to: SIMD4<Double>.self)
                }
            }
        }
        return deals.enumerated().map { lane, deal in
            let n = Double(deal.count { $0 })
            return PairSums(
                first: first[lane], second: second[lane], across: all - first[lane] - second[lane],
                counts: (n, Double(count) - n))
        }
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
