import Foundation

/// Repeatable random numbers: splitmix64 (Steele, Lea & Flood 2014).
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// Above 0 and below 1.
    package mutating func uniform() -> Double {
        (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992
    }

    /// From the standard normal law, by Box and Muller's method.
    package mutating func normal() -> Double {
        let radius = (-2 * log(uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    package mutating func normals(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Double] {
        (0..<count).map { _ in mean + deviation * normal() }
    }
}

/// How many of `count` have a property, each by the chance `rate`: one draw in place of many.
package struct BinomialLaw: Sendable {
    /// The chance of so many or fewer.
    private let cumulative: [Double]

    package init(count: Int, rate: Double) {
        var chance = pow(1 - rate, Double(count))
        var sum = 0.0
        cumulative = (0...count).map { successes in
            sum += chance
            chance *= Double(count - successes) / Double(successes + 1) * rate / (1 - rate)
            return sum
        }
    }

    package func draw(using numbers: inout SeededNumbers) -> Int {
        let uniform = numbers.uniform()
        return cumulative.firstIndex { uniform < $0 } ?? cumulative.count - 1
    }
}
