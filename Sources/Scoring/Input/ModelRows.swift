import Runtimes
import Tables
import Wire

/// Makes what a model takes of the vectors that DuckDB gives.
struct ModelRows: Sendable {
    private let shape: ModelShape
    private let format: TableFormat

    init(_ shape: ModelShape, _ format: TableFormat) {
        self.shape = shape
        self.format = format
    }

    /// - Parameter vectors: one for each column of the shape, holding values of its type.
    func input(_ vectors: [TableVector], rowCount: Int) -> RowBatch {
        switch shape.form {
        case .columns:
            let columns = zip(shape.columns, vectors).map { taken, vector in
                Column(name: taken.name, vector, as: taken.type ?? .string)
            }
            return RowBatch(rowCount: rowCount, content: .table(Batch(rowCount: rowCount, columns: columns)))
        case .matrix(let spec):
            let columns = vectors.map { Column(name: "", $0, as: spec.type.columnType).values }
            return RowBatch(rowCount: rowCount, content: .matrix(name: spec.name, columns))
        case .tensors(let specs):
            let tensors = zip(specs, vectors).map { spec, vector in
                let values = Column(name: "", vector, as: spec.type.columnType).values
                return Tensor(name: spec.name, shape: [rowCount] + spec.shape.dropFirst(), values: values)
            }
            return RowBatch(rowCount: rowCount, content: .tensors(tensors))
        case .document:
            let rows = (0..<rowCount).map { row in JSON.array(vectors.map { cell($0[row]) }) }
            return RowBatch(rowCount: rowCount, content: .rows(shape.columns.map(\.name), rows))
        }
    }

    /// A cell of a text is what it spells, as when pandas reads it.
    private func cell(_ value: TableValue) -> JSON {
        guard case .text(let text) = value else { return value.json }
        switch format {
        case .parquet: return .string(text)
        case .ndjson: return (try? JSON.parse(text)) ?? .string(text)
        case .csv: return Int64(text).map(JSON.integer) ?? Double(text).map(JSON.double) ?? .string(text)
        }
    }
}

/// Rows that a model is asked about together.
struct RowBatch: Sendable {
    enum Content: Sendable {
        case table(Batch)
        /// Columns of one type, side by side.
        case matrix(name: String?, [Values])
        case tensors([Tensor])
        /// The names of the columns, and rows of cells.
        case rows([String], [JSON])
    }

    let rowCount: Int
    let content: Content

    /// Some of the rows.
    func slice(_ rows: Range<Int>) -> RowBatch {
        guard rows != 0..<rowCount else { return self }
        let part: Content =
            switch content {
            case .table(let batch):
                .table(Batch(rowCount: rows.count, columns: batch.columns.map { $0.slice(rows) }))
            case .matrix(let name, let columns): .matrix(name: name, columns.map { $0.slice(rows) })
            case .tensors(let tensors):
                .tensors(
                    tensors.map {
                        Tensor(name: $0.name, shape: [rows.count] + $0.shape.dropFirst(), values: $0.values.slice(rows))
                    })
            case .rows(let names, let cells): .rows(names, Array(cells[rows]))
            }
        return RowBatch(rowCount: rows.count, content: part)
    }

    /// What a runtime takes.
    func modelInput(parameters: JSON?) -> ModelInput {
        switch content {
        case .table(let batch): .table(batch)
        case .matrix(let name, let columns):
            .tensors([
                Tensor(name: name, shape: [rowCount, columns.count], values: Values(rowMajor: columns, rowCount))
            ])
        case .tensors(let tensors): .tensors(tensors)
        case .rows: .document(document(parameters: parameters))
        }
    }

    /// The rows as MLflow's protocol has them.
    func document(parameters: JSON?) -> JSON {
        .compact(["dataframe_split": split, "params": parameters])
    }

    private var split: JSON {
        switch content {
        case .rows(let names, let rows): return ["columns": .strings(names), "data": .array(rows)]
        case .table(let batch):
            let rows = (0..<rowCount).map { row in JSON.array(batch.columns.map { $0.json(row: row) }) }
            return ["columns": .strings(batch.columns.map(\.name)), "data": .array(rows)]
        case .matrix, .tensors: return [:]
        }
    }
}
