/// Distances between two samples of numbers, computed from their empirical distributions F and G in one sorted pass.
///
/// Neither sample may be empty (the answer is NaN) nor hold NaN.
package enum SampleDistance {
    /// Wasserstein-1, ∫ |F − G| dx: how far mass has to move, in the unit of the values.
    package static func wasserstein(_ a: [Double], _ b: [Double]) -> Double {
        guard !a.isEmpty, !b.isEmpty else { return .nan }
        var area = 0.0
        forEachStep(a, b) { difference, width in area += abs(difference) * width }
        return area
    }

    /// Energy distance, √(2 ∫ (F − G)² dx) (Székely & Rizzo 2013).
    package static func energy(_ a: [Double], _ b: [Double]) -> Double {
        guard !a.isEmpty, !b.isEmpty else { return .nan }
        var area = 0.0
        forEachStep(a, b) { difference, width in area += difference * difference * width }
        return (2 * area).squareRoot()
    }

    /// Visits the intervals between neighbouring pooled values with F − G on each and its width.
    private static func forEachStep(_ a: [Double], _ b: [Double], _ visit: (Double, Double) -> Void) {
        let a = a.sorted()
        let b = b.sorted()
        var i = 0
        var j = 0
        var previous = min(a[0], b[0])
        while i < a.count || j < b.count {
            let takesA = j == b.count || (i < a.count && a[i] <= b[j])
            let value = takesA ? a[i] : b[j]
            if value > previous {
                visit(Double(i) / Double(a.count) - Double(j) / Double(b.count), value - previous)
                previous = value
            }
            if takesA { i += 1 } else { j += 1 }
        }
    }
}
