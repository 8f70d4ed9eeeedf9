#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Eigenvalues, largest first, and eigenvectors of a symmetric matrix, by Jacobi's rotations (Golub & Van Loan, 8.5), which
/// find small eigenvalues of covariances to full relative precision.
package struct SymmetricEigen: Sendable {
    package private(set) var values: [Double]
    /// Unit vectors in the order of the values.
    package private(set) var vectors: [[Double]]

    /// Of a symmetric matrix without NaN.
    package init(_ matrix: Matrix) {
        let n = matrix.rows
        var a = matrix
        var v = Matrix(rows: n, columns: n)
        for index in 0..<n { v[index, index] = 1 }
        let scale = matrix.elements.reduce(0) { max($0, abs($1)) }
        for _ in 0..<60 {
            var largest = 0.0
            for p in 0..<n {
                for q in (p + 1)..<max(n, p + 1) {
                    largest = max(largest, abs(a[p, q]))
                    Self.rotate(&a, &v, p, q)
                }
            }
            if largest <= scale * 1e-16 { break }
        }
        let order = (0..<n).sorted { a[$0, $0] > a[$1, $1] }
        values = order.map { a[$0, $0] }
        vectors = order.map { v.column($0) }
    }

    /// Brings element (p, q) to zero.
    private static func rotate(_ a: inout Matrix, _ v: inout Matrix, _ p: Int, _ q: Int) {
        guard a[p, q] != 0 else { return }
        let theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<a.rows {
            let (x, y) = (a[k, p], a[k, q])
            a[k, p] = c * x - s * y
            a[k, q] = s * x + c * y
        }
        for k in 0..<a.rows {
            let (x, y) = (a[p, k], a[q, k])
            a[p, k] = c * x - s * y
            a[q, k] = s * x + c * y
            let (z, w) = (v[k, p], v[k, q])
            v[k, p] = c * z - s * w
            v[k, q] = s * z + c * w
        }
        a[p, q] = 0
        a[q, p] = 0
    }

    /// The Moore–Penrose inverse times a vector, and its rank: directions whose eigenvalue is below n·ε of the largest count as
    /// empty, as in NumPy.
    package func pseudoInverse(_ vector: [Double]) -> (product: [Double], rank: Int) {
        let largest = values.reduce(0) { max($0, abs($1)) }
        let floor = largest * Double(values.count) * Double.ulpOfOne
        let kept = values.indices.filter { abs(values[$0]) > floor }
        var product = [Double](repeating: 0, count: vector.count)
        for index in kept {
            let along = zip(vectors[index], vector).reduce(0) { $0 + $1.0 * $1.1 } / values[index]
            for (place, component) in vectors[index].enumerated() { product[place] += along * component }
        }
        // The rank of the inverse, whose own largest value is that of the smallest direction kept.
        let smallest = kept.map { abs(values[$0]) }.min() ?? 0
        let inverseFloor = Double(values.count) * Double.ulpOfOne / smallest
        return (product, kept.filter { 1 / abs(values[$0]) > inverseFloor }.count)
    }
}
