import Synchronization
package import Wire

/// Rows for a model: typed columns of equal length in the order of the model's signature.
package struct Batch: Sendable {
    package let rowCount: Int
    private let content: Content

    private enum Content: Sendable {
        case columns([Column])
        case matrix(Matrix, Divided)
    }

    /// Rows of doubles one after the other, as nearly all requests have them and native libraries take them.
    package struct Matrix: Sendable {
        /// What the columns are called; all have a name.
        package let columns: [ColumnSpec]
        /// As many for each row as there are columns.
        package let values: [Double]

        package init(columns: [ColumnSpec], values: [Double]) {
            self.columns = columns
            self.values = values
        }
    }

    /// The columns of a matrix, once somebody has asked for them.
    private final class Divided: Sendable {
        private let columns = Mutex<[Column]?>(nil)

        func columns(of matrix: Matrix, rowCount: Int) -> [Column] {
            columns.withLock { columns in
                let divided = columns ?? matrix.divided(rowCount: rowCount)
                columns = divided
                return divided
            }
        }
    }

    package init(rowCount: Int, columns: [Column]) {
        self.rowCount = rowCount
        content = .columns(columns)
    }

    package init(rowCount: Int, matrix: Matrix) {
        self.rowCount = rowCount
        content = .matrix(matrix, Divided())
    }

    package var columns: [Column] {
        switch content {
        case .columns(let columns): columns
        case .matrix(let matrix, let divided): divided.columns(of: matrix, rowCount: rowCount)
        }
    }

    /// All values at once, if they were read so.
    package var matrix: Matrix? {
        if case .matrix(let matrix, _) = content { matrix } else { nil }
    }

    package var columnCount: Int {
        switch content {
        case .columns(let columns): columns.count
        case .matrix(let matrix, _): matrix.columns.count
        }
    }

    /// One row by column name, as it is logged.
    package func json(row: Int) -> JSON {
        .members(columns.map { ($0.name, $0.json(row: row)) })
    }
}

extension Batch: Hashable {
    package static func == (one: Batch, other: Batch) -> Bool {
        one.rowCount == other.rowCount && one.columns == other.columns
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(rowCount)
        hasher.combine(columns)
    }
}

extension Batch.Matrix {
    fileprivate func divided(rowCount: Int) -> [Column] {
        columns.enumerated().map { index, column in
            let cells = (0..<rowCount).map { values[$0 * columns.count + index] }
            return Column(name: column.name ?? "", values: .doubles(cells))
        }
    }
}
