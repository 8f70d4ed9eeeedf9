import Predictions
import Statistics
import Wire

extension SliceRows {
    /// What came in, of the columns that the first of some predictions has.
    init(_ predictions: [Prediction]) {
        // Where the first is no object, rows have no names to part them by.
        let isNamed = predictions.first?.inputs.text.utf8.first == UInt8(ascii: "{")
        let table = RowTable(isNamed ? predictions : [])
        let columns = table.inputs.filter { $0.1.cell(0) != .absent }
        self.init(
            columns: columns.map { name, column in
                (name: name, values: (0..<table.rowCount).map { column.value($0) ?? .missing })
            })
    }
}
