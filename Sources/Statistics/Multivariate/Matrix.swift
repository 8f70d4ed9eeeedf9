/// A dense matrix of doubles, row by row.
package struct Matrix: Sendable, Equatable {
    package let rows: Int
    package let columns: Int
    package var elements: [Double]

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        elements = Array(repeating: 0, count: rows * columns)
    }

    /// Of rows of one length; shorter ones are filled with zeros.
    package init(_ rows: [[Double]]) {
        self.init(rows: rows.count, columns: rows.map(\.count).max() ?? 0)
        for (row, values) in rows.enumerated() {
            for (column, value) in values.enumerated() { self[row, column] = value }
        }
    }

    /// Population covariances of columns of one length, in two passes without growing rounding, so that dependent columns
    /// give a matrix that is singular to the last digits.
    package init(covarianceOf columns: [[Double]]) {
        self.init(rows: columns.count, columns: columns.count)
        let centered = columns.map { values in
            var sum = CompensatedSum()
            for value in values { sum.add(value) }
            let mean = sum.value / Double(values.count)
            return values.map { $0 - mean }
        }
        for row in columns.indices {
            for column in 0...row {
                var sum = CompensatedSum()
                for (a, b) in zip(centered[row], centered[column]) { sum.add(a * b) }
                self[row, column] = sum.value / Double(columns[row].count)
                self[column, row] = self[row, column]
            }
        }
    }

    package subscript(row: Int, column: Int) -> Double {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    package func row(_ index: Int) -> ArraySlice<Double> {
        elements[(index * columns)..<((index + 1) * columns)]
    }

    package func column(_ index: Int) -> [Double] {
        (0..<rows).map { self[$0, index] }
    }
}
