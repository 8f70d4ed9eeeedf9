extension ConfusionMatrix {
    /// A measure of this matrix with its standard error by the delta method on the four shares, each cell raised by half a
    /// row so that an empty one does not feign certainty (the measure itself is of the counts as they are).
    package func estimate(rows: Double, within range: ClosedRange<Double>, _ measure: (ConfusionMatrix) -> Double)
        -> MetricEstimate?
    {
        guard rows > 0, total > 0 else { return nil }
        let cells: [WritableKeyPath<ConfusionMatrix, Double>] = [
            \.truePositives, \.falsePositives, \.falseNegatives, \.trueNegatives,
        ]
        var shares = self
        for cell in cells {
            shares[keyPath: cell] = (self[keyPath: cell] / total * rows + 0.5) / (rows + 2)
        }
        let slopes = cells.map { cell in
            var (up, down) = (shares, shares)
            let step = shares[keyPath: cell] * 1e-4
            up[keyPath: cell] += step
            down[keyPath: cell] -= step
            return (measure(up) - measure(down)) / (2 * step)
        }
        let mean = zip(cells, slopes).reduce(0) { $0 + shares[keyPath: $1.0] * $1.1 }
        let square = zip(cells, slopes).reduce(0) { $0 + shares[keyPath: $1.0] * $1.1 * $1.1 }
        let error = (max(0, square - mean * mean) / rows).squareRoot()
        return MetricEstimate(measure(self), standardError: error, rows: rows, within: range)
    }
}

extension ClassConfusion {
    /// The same for several classes.
    package func estimate(rows: Double, within range: ClosedRange<Double>, _ measure: (ClassConfusion) -> Double)
        -> MetricEstimate?
    {
        let total = total
        guard rows > 0, total > 0 else { return nil }
        let prior = 1 / Double(counts.count)
        let shares = counts.map { ($0 / total * rows + prior) / (rows + 1) }
        let slopes = shares.indices.map { index in
            let step = shares[index] * 1e-4
            func moved(_ by: Double) -> ClassConfusion {
                var cells = shares
                cells[index] += by
                return ClassConfusion(classes: classes, counts: cells)
            }
            return (measure(moved(step)) - measure(moved(-step))) / (2 * step)
        }
        let mean = zip(shares, slopes).reduce(0) { $0 + $1.0 * $1.1 }
        let square = zip(shares, slopes).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
        let error = (max(0, square - mean * mean) / rows).squareRoot()
        let value = measure(self)
        return value.isNaN ? nil : MetricEstimate(value, standardError: error, rows: rows, within: range)
    }
}
