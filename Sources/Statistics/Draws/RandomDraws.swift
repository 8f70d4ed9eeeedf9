#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Numbers drawn at random from a generator that is passed in.
package enum RandomDraws {
    /// Standard normal, by Marsaglia's polar method.
    package static func normal(using generator: inout some RandomNumberGenerator) -> Double {
        while true {
            let u = Double.random(in: -1...1, using: &generator)
            let v = Double.random(in: -1...1, using: &generator)
            let square = u * u + v * v
            if square > 0, square < 1 { return u * (-2 * log(square) / square).squareRoot() }
        }
    }

    /// Gamma with `shape` > 0 and scale 1: Marsaglia & Tsang (ACM Trans. Math. Softw. 26, 2000); below shape 1 that of
    /// shape + 1 times U^(1/shape).
    package static func gamma(shape: Double, using generator: inout some RandomNumberGenerator) -> Double {
        guard shape >= 1 else {
            let boost = pow(Double.random(in: Double.leastNormalMagnitude..<1, using: &generator), 1 / shape)
            return boost * gamma(shape: shape + 1, using: &generator)
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal(using: &generator)
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            let u = Double.random(in: 0..<1, using: &generator)
            if u < 1 - 0.0331 * x * x * x * x { return d * v }
            if log(u) < 0.5 * x * x + d * (1 - v + log(v)) { return d * v }
        }
    }

    /// Beta with both parameters > 0, from two gamma draws.
    package static func beta(
        _ a: Double, _ b: Double, using generator: inout some RandomNumberGenerator
    ) -> Double {
        let x = gamma(shape: a, using: &generator)
        let y = gamma(shape: b, using: &generator)
        return x + y > 0 ? x / (x + y) : a / (a + b)
    }
}
