#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The law of Kolmogorov's statistic D = sup |F − Fₙ| of a sample of n.
package enum KolmogorovDistribution {
    /// The limiting tail P(√n·D ≥ λ) = 2 Σ (−1)^(k−1) e^(−2k²λ²); below λ = 1 the theta-function form of the same law,
    /// which converges there (Smirnov 1948).
    package static func limitingUpperTail(_ lambda: Double) -> Double {
        guard lambda > 0 else { return 1 }
        guard lambda < 1 else {
            var sum = 0.0
            var sign = 1.0
            for k in 1...20 {
                let term = exp(-2 * Double(k * k) * lambda * lambda)
                sum += sign * term
                sign = -sign
                if term < 1e-18 { break }
            }
            return min(1, max(0, 2 * sum))
        }
        let exponent = -Double.pi * Double.pi / (8 * lambda * lambda)
        var sum = 0.0
        for k in 1...20 {
            let odd = Double(2 * k - 1)
            sum += exp(exponent * odd * odd)
        }
        return min(1, max(0, 1 - (2 * Double.pi).squareRoot() / lambda * sum))
    }

    /// P(D ≥ d) for a sample of `count`, to five digits or more, exact up to rounding for counts to 140. Which method serves
    /// where is Simard & L'Ecuyer's choice (J. Stat. Software 39, 2011).
    ///
    /// In the tail twice Smirnov's one-sided law; elsewhere Durbin's matrix in the form of Marsaglia, Tsang & Wang (J. Stat.
    /// Software 8, 2003) for small counts and Pelz & Good's expansion for large ones; beyond 100,000 the limiting law at
    /// Vrbik's corrected argument (Far East J. Theor. Stat. 54, 2018).
    package static func upperTail(_ d: Double, count: Int) -> Double {
        guard d > 0, count > 0 else { return 1 }
        guard d < 1 else { return 0 }
        let n = Double(count)
        let lambda = d * n.squareRoot()
        if count > 100_000 {
            return limitingUpperTail(lambda + 1 / (6 * n.squareRoot()) + (lambda - 1) / (4 * n))
        }
        let isTail = d >= 0.5 || lambda * lambda > (count > 140 ? 2.2 : 4)
        guard !isTail else { return min(1, 2 * smirnovUpperTail(d, count: count)) }
        let below = count > 140 ? pelzGood(lambda, count: n) : durbin(d, count: count)
        return min(1, max(0, 1 - below))
    }

    /// P(D⁺ ≥ d), one-sided and exact: d Σ C(n, j) (d + j/n)^(j−1) (1 − d − j/n)^(n−j) over j ≤ n(1 − d)
    /// (Birnbaum & Tingey 1951).
    package static func smirnovUpperTail(_ d: Double, count: Int) -> Double {
        let n = Double(count)
        let last = Int((n * (1 - d)).rounded(.down))
        var sum = 0.0
        for index in 0...last {
            let j = Double(index)
            let rest = 1 - d - j / n
            guard rest > 0 else {
                if index == count { sum += exp((j - 1) * log(d + j / n)) }
                continue
            }
            let choices = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1)
            sum += exp(choices + (j - 1) * log(d + j / n) + (n - j) * log(rest))
        }
        return min(1, d * sum)
    }

    /// P(√n·D < z) as the limiting law and its first three corrections in powers of n^−½, in the theta-function form
    /// (Pelz & Good, J. R. Stat. Soc. B 38, 1976).
    private static func pelzGood(_ z: Double, count n: Double) -> Double {
        let square = z * z
        let pi2 = Double.pi * Double.pi
        var terms = (k0: 0.0, k1: 0.0, k2: 0.0, k3: 0.0)
        for index in 1...(Int(16 * z / Double.pi) + 2) {
            let k2 = Double(index * index) * pi2
            let odd = Double(2 * index - 1) * Double(2 * index - 1) * pi2 / 4
            let weight = exp(-odd / (2 * square))
            let second =
                6 * pow(z, 6) + 2 * pow(z, 4) + (2 * pow(z, 4) - 5 * square) * odd + (1 - 2 * square) * odd * odd
            let constant = -30 * pow(z, 6) - 90 * pow(z, 8)
            let linear = (135 * pow(z, 4) - 96 * pow(z, 6)) * odd
            let higher = (212 * pow(z, 4) - 60 * square) * odd * odd + (5 - 30 * square) * odd * odd * odd
            terms.k0 += weight
            terms.k1 += weight * (odd - square)
            terms.k2 += weight * second
            terms.k3 += weight * (constant + linear + higher)
            let even = exp(-k2 / (2 * square))
            // The sums over all whole numbers, brought to the denominators below.
            terms.k2 -= even * k2 * 2 * pow(z, 4)
            terms.k3 += even * k2 * (3 * square - k2) * 30 * pow(z, 4)
        }
        let first = terms.k0 / z + terms.k1 / (6 * pow(z, 4) * n.squareRoot())
        let rest = terms.k2 / (72 * pow(z, 7) * n) + terms.k3 / (6480 * pow(z, 10) * n * n.squareRoot())
        return (2 * Double.pi).squareRoot() * (first + rest)
    }

    /// P(D < d) as the middle element of Durbin's matrix raised to the power n.
    private static func durbin(_ d: Double, count: Int) -> Double {
        let k = Int(Double(count) * d) + 1
        let size = 2 * k - 1
        let h = Double(k) - Double(count) * d
        var matrix = SquareMatrix(size: size)
        for row in 0..<size {
            for column in 0...min(row + 1, size - 1) { matrix[row, column] = 1 }
        }
        for index in 0..<size {
            matrix[index, 0] -= pow(h, Double(index + 1))
            matrix[size - 1, index] -= pow(h, Double(size - index))
        }
        if 2 * h > 1 { matrix[size - 1, 0] += pow(2 * h - 1, Double(size)) }
        for row in 0..<size {
            for column in 0...min(row + 1, size - 1) where row - column + 1 > 0 {
                matrix[row, column] /= exp(logGamma(Double(row - column + 2)))
            }
        }
        let (power, exponent) = matrix.power(count)
        var probability = power[k - 1, k - 1]
        var scale = exponent
        for index in 1...count {
            probability *= Double(index) / Double(count)
            if probability < 1e-140 {
                probability *= 1e140
                scale -= 140
            }
        }
        return probability * pow(10, Double(scale))
    }
}

/// A dense square matrix, just enough of one for Durbin's recursion.
private struct SquareMatrix {
    let size: Int
    private var elements: [Double]

    init(size: Int) {
        self.size = size
        elements = Array(repeating: 0, count: size * size)
    }

    subscript(row: Int, column: Int) -> Double {
        get { elements[row * size + column] }
        set { elements[row * size + column] = newValue }
    }

    static func * (left: SquareMatrix, right: SquareMatrix) -> SquareMatrix {
        var product = SquareMatrix(size: left.size)
        for row in 0..<left.size {
            for inner in 0..<left.size {
                let factor = left[row, inner]
                guard factor != 0 else { continue }
                for column in 0..<left.size { product[row, column] += factor * right[inner, column] }
            }
        }
        return product
    }

    /// The power by repeated squaring, kept in range by a power of ten that is returned beside it.
    func power(_ n: Int) -> (matrix: SquareMatrix, exponent: Int) {
        guard n > 1 else { return (self, 0) }
        let (half, exponent) = power(n / 2)
        var result = half * half
        var scale = 2 * exponent
        if !n.isMultiple(of: 2) { result = self * result }
        if result[size / 2, size / 2] > 1e140 {
            for index in result.elements.indices { result.elements[index] *= 1e-140 }
            scale += 140
        }
        return (result, scale)
    }
}
