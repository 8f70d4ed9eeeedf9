import Predictions
import Statistics
import Wire

extension GrowthRows {
    /// What came in, of columns with names, as it was kept beside counts. Names that were shortened there stand for none.
    init(_ rows: PackedRows, against reference: GrowthReference) {
        self.init(rows.count, against: reference)
        let places = rows.columns.map { $0.role == .input ? reference.place(of: $0.name) : nil }
        for place in places { if let place { note(place) } }
        rows.forEachCell { row, place, cell in
            guard let column = places[place] else { return }
            switch cell {
            // Nothing is known of it.
            case .masked: break
            case .number(let number): set(number, row: row, column: column)
            case .text(let text) where PackedRows.looksShortened(text): setOther(row: row, column: column)
            case .text(let text): set(text, row: row, column: column)
            }
        }
    }

    /// What came in, of the columns that the first of some predictions has.
    init(_ predictions: [Prediction], against reference: GrowthReference) {
        // Where the first is no object, rows have no names to part them by.
        let isNamed = predictions.first?.inputs.text.utf8.first == UInt8(ascii: "{")
        let table = RowTable(isNamed ? predictions : [])
        self.init(table.rowCount, against: reference)
        for (name, values) in table.inputs where values.cell(0) != .absent {
            guard let column = reference.place(of: name) else { continue }
            note(column)
            for row in 0..<table.rowCount {
                switch values.value(row) {
                case nil, .missing: break
                case .number(let number): set(number, row: row, column: column)
                case .text(var text):
                    text.withUTF8 { set(UnsafeRawBufferPointer($0), row: row, column: column) }
                }
            }
        }
    }
}
