/// A small regressor: the mean and a few hundred steps, each of which adds one number on one side of a cut of one column
/// and another on the other side (gradient boosting of stumps, squared error).
///
/// It learns how large the error of a prediction is likely to be from what came in and out, so that it can be told of rows
/// whose truth is not known yet.
package struct BoostedStumps: Sendable, Equatable {
    package struct Stump: Sendable, Equatable {
        package let column: Int
        /// Added for each code of the column.
        package let additions: [Double]

        package init(column: Int, additions: [Double]) {
            self.column = column
            self.additions = additions
        }
    }

    package let columns: [BinnedColumn]
    package let base: Double
    package let stumps: [Stump]

    /// One that was stored. Stumps that do not fit their column are left out.
    package init(_ columns: [BinnedColumn], base: Double, stumps: [Stump]) {
        self.columns = columns
        self.base = base
        self.stumps = stumps.filter {
            columns.indices.contains($0.column) && columns[$0.column].conditions.count == $0.additions.count
        }
    }

    /// - Parameters:
    ///   - codes: of each column, by row.
    ///   - targets: finite, one a row.
    ///   - rate: how much of what a stump would correct it corrects.
    package init(
        _ columns: [BinnedColumn], codes: [[UInt8]], targets: [Double], steps: Int = 100, rate: Double = 0.1,
        minimumRows: Int = 20
    ) {
        self.columns = columns
        base = Moments(targets).count > 0 ? Moments(targets).mean : 0
        var residuals = targets.map { [base] in $0 - base }
        var stumps: [Stump] = []
        for _ in 0..<steps {
            guard let best = Self.best(columns, codes, residuals, minimumRows) else { break }
            let stump = Stump(column: best.column, additions: best.additions.map { $0 * rate })
            for row in residuals.indices { residuals[row] -= stump.additions[Int(codes[best.column][row])] }
            stumps.append(stump)
        }
        self.stumps = stumps
    }

    /// The cut that leaves the least squared error, with the means of its sides by code; nil when none leaves less.
    private static func best(_ columns: [BinnedColumn], _ codes: [[UInt8]], _ residuals: [Double], _ minimumRows: Int)
        -> (column: Int, additions: [Double])?
    {
        var best: (gain: Double, column: Int, additions: [Double])?
        for column in columns.indices {
            let width = columns[column].conditions.count
            var sums = [Double](repeating: 0, count: width)
            var counts = [Double](repeating: 0, count: width)
            for (row, code) in codes[column].enumerated() {
                sums[Int(code)] += residuals[row]
                counts[Int(code)] += 1
            }
            // Codes without an order of their own are put in that of their means; for numbers it is as good.
            let order = (0..<width).filter { counts[$0] > 0 }.sorted { sums[$0] / counts[$0] < sums[$1] / counts[$1] }
            let (total, rows) = (sums.reduce(0, +), counts.reduce(0, +))
            var (low, lowRows) = (0.0, 0.0)
            for (place, code) in order.dropLast().enumerated() {
                low += sums[code]
                lowRows += counts[code]
                let (high, highRows) = (total - low, rows - lowRows)
                guard lowRows >= Double(minimumRows), highRows >= Double(minimumRows) else { continue }
                let gain = low * low / lowRows + high * high / highRows - total * total / rows
                guard gain > (best?.gain ?? 1e-12) else { continue }
                var additions = [Double](repeating: total / rows, count: width)
                for (rank, code) in order.enumerated() {
                    additions[code] = rank <= place ? low / lowRows : high / highRows
                }
                best = (gain, column, additions)
            }
        }
        return best.map { ($0.column, $0.additions) }
    }

    /// What is expected of a row.
    /// - Parameter codes: its code in each column.
    package func callAsFunction(_ codes: (Int) -> UInt8) -> Double {
        stumps.reduce(base) { sum, stump in sum + stump.additions[Int(codes(stump.column))] }
    }
}
