import Predictions

/// Rows of numbers that follow on each other, with the same columns, on their way into these: a column takes some hundreds at once.
struct NumberRun {
    private var like: RequestNumbers?
    /// Where each column belongs.
    private var places: [Int] = []
    private var firstRow = 0
    private var rowCount = 0
    /// Row after row.
    private var values: [Double] = []

    /// So many numbers fit into the fastest memory there is, with what is made of them.
    private static let limit = 1 << 11

    /// Takes the inputs of a request.
    /// - Parameter row: its first; all before it are in `inputs` or in here.
    /// - Returns: false when they do not fit into columns of their own, and have to be read from the texts.
    mutating func take(_ numbers: RequestNumbers, at row: Int, into inputs: inout NamedColumns<RowColumn>) -> Bool {
        if like?.isNamed(as: numbers) != true {
            end(in: &inputs)
            guard let places = inputs.places(of: numbers.names) else { return false }
            (like, self.places) = (numbers, places)
        }
        if row != firstRow + rowCount || values.count >= Self.limit { end(in: &inputs) }
        if rowCount == 0 { firstRow = row }
        rowCount += numbers.rowCount
        values += numbers.inputs
        return true
    }

    /// Adds what was taken to the columns.
    mutating func end(in inputs: inout NamedColumns<RowColumn>) {
        guard rowCount > 0 else { return }
        let rows = firstRow..<firstRow + rowCount
        values.withUnsafeBufferPointer { values in
            for (index, place) in places.enumerated() {
                inputs.change(at: place) { $0.append(rows, values, from: index, stride: places.count) }
            }
        }
        values.removeAll(keepingCapacity: true)
        rowCount = 0
    }
}

extension NamedColumns<RowColumn> {
    /// The place of a column, which is added when there is room.
    mutating func place(of name: String, limit: Int) -> Int? {
        if let place = place(of: name) { return place }
        return count < limit ? place(of: name, orAdd: RowColumn()) : nil
    }

    /// The places of columns that are called so.
    /// - Returns: nil when there is no room for all of them, or two have one name.
    fileprivate mutating func places(of names: [String]) -> [Int]? {
        guard count + names.count <= RowTable.columnLimit, Set(names).count == names.count else { return nil }
        return names.map { place(of: $0, orAdd: RowColumn()) }
    }
}
