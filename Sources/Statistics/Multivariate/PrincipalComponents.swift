/// The directions in which the rows of a reference vary most, and how badly other rows are put together from them: what changes
/// when columns no longer go together as they did.
package struct PrincipalComponents: Sendable {
    /// By column, of the reference; a column without spread is only centred.
    package let means: [Double]
    package let deviations: [Double]
    /// The share of the variance of each direction, largest first.
    package let explained: [Double]
    /// Unit vectors: the fewest that keep the variance asked for.
    package let directions: [[Double]]

    /// Of standardised rows (mean 0, population deviation 1), keeping the fewest components that explain at least
    /// `varianceKept`. The reference has a row or more, and no NaN.
    package init(_ reference: Matrix, varianceKept: Double = 0.65) {
        let columns = (0..<reference.columns).map { reference.column($0) }
        let moments = columns.map { Moments($0) }
        let means = moments.map(\.mean)
        let deviations = moments.map { $0.populationDeviation > 0 ? $0.populationDeviation : 1 }
        let standardised = columns.indices.map { index in
            columns[index].map { ($0 - means[index]) / deviations[index] }
        }
        let eigen = SymmetricEigen(Matrix(covarianceOf: standardised))
        let values = eigen.values.map { max(0, $0) }
        let total = values.reduce(0, +)
        let explained = values.map { total > 0 ? $0 / total : 0 }
        var kept = 0
        var sum = 0.0
        while kept < explained.count, sum < varianceKept {
            sum += explained[kept]
            kept += 1
        }
        self.means = means
        self.deviations = deviations
        self.explained = explained
        directions = Array(eigen.vectors.prefix(kept))
    }

    /// The Euclidean length of what the kept directions leave of a standardised row.
    package func reconstructionError(_ row: some Collection<Double>) -> Double {
        let point = zip(row, zip(means, deviations)).map { ($0 - $1.0) / $1.1 }
        var rest = point
        for direction in directions {
            let along = zip(direction, point).reduce(0) { $0 + $1.0 * $1.1 }
            for index in rest.indices { rest[index] -= along * direction[index] }
        }
        return rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// The mean over rows; NaN for none.
    package func meanReconstructionError(_ rows: Matrix) -> Double {
        (0..<rows.rows).reduce(0) { $0 + reconstructionError(rows.row($1)) } / Double(rows.rows)
    }
}
