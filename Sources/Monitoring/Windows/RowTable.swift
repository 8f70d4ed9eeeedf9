import Predictions
import Statistics
import Wire

/// The values of some predictions, column by column: numbers as they were when they were answered, where these are known, and
/// whatever else is read from the text of each without building what it says.
struct RowTable: Sendable {
    enum Role: String, Sendable, Hashable {
        case input, output
    }

    /// Whether each row has inputs and an output.
    private(set) var isKept: [Bool] = []
    private(set) var inputs = NamedColumns<RowColumn>()
    private(set) var outputs = NamedColumns<RowColumn>()
    /// Whether `isKept` is true throughout.
    private(set) var isAllKept = true
    /// How many inputs each row came with; 0 when it has none.
    private(set) var widths: [Int] = []
    /// The hash of the inputs of each row (`RowHash`).
    private(set) var hashes: [UInt64] = []
    /// Rows with columns that are not here, because there would be more than `columnLimit`.
    private(set) var crowded = RowSet()

    /// So many inputs are told apart, and so many outputs, those that come first: many more than a record has, because
    /// those of the record need not come first.
    static let columnLimit = 16 * WindowRecord.columnLimit

    var rowCount: Int { isKept.count }

    /// - Parameters:
    ///   - numbers: those of requests, at the places of their first rows (`PredictionGroup.numbers`).
    ///   - isWatched: rows of endpoints of which it is not true are taken as if they were not kept.
    init<Rows: Collection<Prediction>>(
        _ predictions: Rows, _ numbers: [RequestNumbers?] = [], where isWatched: (String) -> Bool = { _ in true }
    ) where Rows.Index == Int {
        isKept.reserveCapacity(predictions.count)
        widths.reserveCapacity(predictions.count)
        var run = NumberRun()
        var index = predictions.startIndex
        while index < predictions.endIndex {
            guard predictions[index].isKept, isWatched(predictions[index].endpoint) else {
                isAllKept = false
                isKept.append(false)
                widths.append(0)
                index += 1
                continue
            }
            if index < numbers.count, let known = numbers[index], run.take(known, at: rowCount, into: &inputs) {
                let rows = rowCount..<rowCount + known.rowCount
                isKept.append(contentsOf: repeatElement(true, count: rows.count))
                widths.append(contentsOf: repeatElement(known.width, count: rows.count))
                if !takeOutputs(of: known, rows) {
                    for row in rows {
                        var reading = RowReading(row: row, masked: [])
                        read(output: predictions[index + row - rows.lowerBound].output, &reading)
                    }
                }
                index += rows.count
            } else {
                run.end(in: &inputs)
                var reading = RowReading(row: rowCount, masked: predictions[index].masked)
                inputs.read(predictions[index].inputs, scalar: Self.scalarInput, &reading)
                isKept.append(true)
                widths.append(reading.width)
                read(output: predictions[index].output, &reading)
                index += 1
            }
        }
        run.end(in: &inputs)
        hashes = inputs.rowHashes(rowCount)
        crowded.forEach { hashes[$0] = RowHash.nothing }
    }

    private mutating func read(output: JSONText, _ reading: inout RowReading) {
        outputs.read(output, scalar: Self.scalarOutput, &reading)
        if reading.isCrowded { crowded.append(reading.row) }
    }

    /// - Returns: false when the outputs of a request have to be read from the texts.
    private mutating func takeOutputs(of numbers: RequestNumbers, _ rows: Range<Int>) -> Bool {
        guard let known = numbers.outputs, let place = outputs.place(of: Self.scalarOutput, limit: Self.columnLimit)
        else { return false }
        known.withUnsafeBufferPointer { known in
            outputs.change(at: place) { $0.append(rows, known, from: 0, stride: 1) }
        }
        return true
    }

    /// What a column is called that has no name.
    private static let scalarInput = "input"
    private static let scalarOutput = "prediction"

    /// What a row has, in and out; nil where it is masked.
    func cells(of row: Int) -> [(Reference.Column.Key, ColumnValue?)] {
        func cells(_ columns: NamedColumns<RowColumn>, _ role: Reference.Role) -> [(Reference.Column.Key, ColumnValue?)]
        {
            columns.map { name, column in
                let isMasked = column.cell(row) == .masked
                return (Reference.Column.Key(name: name, role: role), isMasked ? nil : column.value(row) ?? .missing)
            }
        }
        return cells(inputs, .input) + cells(outputs, .output)
    }

    /// The value of an input; missing where the row does not have it or it is masked.
    func input(_ name: String, row: Int) -> ColumnValue {
        inputs[name]?.value(row) ?? .missing
    }
}

/// What one row is read with, and what came of it.
private struct RowReading {
    let row: Int
    let masked: [String]
    /// How many values the row has.
    var width = 0
    /// Whether it has columns for which there was no room.
    var isCrowded = false
}

extension NamedColumns<RowColumn> {
    /// A vector longer than this is one value.
    private static var vectorLimit: Int { 64 }

    /// Reads a row: an object by its members, a vector by its places, anything else by itself.
    /// - Parameter scalar: the name of what has none.
    fileprivate mutating func read(_ json: JSONText, scalar: String, _ reading: inout RowReading) {
        var text = json.text
        text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes: bytes)
            switch scanner.peek() {
            case UInt8(ascii: "{"):
                // What is in the log is well formed; of anything else as much is read as can be.
                try? readMembers(&scanner, &reading)
            case UInt8(ascii: "["): readElements(json, scalar: scalar, &reading)
            // Nothing was sent; the row lacks all columns.
            case UInt8(ascii: "n"): break
            default:
                try? readValue(&scanner, into: place(of: scalar, &reading), of: reading.row)
                reading.width = 1
            }
        }
    }

    /// - Returns: nil when there is no room for another column.
    private mutating func place(of name: String, _ reading: inout RowReading) -> Int? {
        let place = place(of: name, limit: RowTable.columnLimit)
        if place == nil { reading.isCrowded = true }
        return place
    }

    private mutating func readMembers(
        _ scanner: inout JSONScanner, _ reading: inout RowReading
    ) throws(JSONSyntaxError) {
        guard scanner.take(UInt8(ascii: "{")), !scanner.take(UInt8(ascii: "}")) else { return }
        var next = 0
        repeat {
            // Rows of an endpoint nearly always have the same members in the same order.
            var place: Int? = next
            if next >= count || !scanner.take(string: names[next]) {
                // Nothing but white space may stand before a name.
                guard scanner.peek() == UInt8(ascii: "\"") else { return }
                place = self.place(of: try scanner.string(), &reading)
            }
            _ = scanner.take(UInt8(ascii: ":"))
            try readValue(&scanner, into: place, of: reading.row)
            reading.width += 1
            guard let place else { continue }
            next = place + 1
            if !reading.masked.isEmpty, reading.masked.contains(names[place]) {
                change(at: place) { $0.set(reading.row, .masked) }
            }
        } while scanner.take(UInt8(ascii: ","))
    }

    /// - Parameter place: nil for a value that is passed over.
    private mutating func readValue(
        _ scanner: inout JSONScanner, into place: Int?, of row: Int
    ) throws(JSONSyntaxError) {
        guard let place else {
            _ = try scanner.text()
            return
        }
        switch scanner.peek() ?? 0 {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let number = try scanner.number().doubleValue ?? .nan
            change(at: place) { $0.set(row, number) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let text = try scanner.text().text
            change(at: place) { $0.set(row, text) }
        default: set(ColumnValue(try scanner.value()), row: row, at: place)
        }
    }

    private mutating func readElements(_ json: JSONText, scalar: String, _ reading: inout RowReading) {
        let elements = json.json.arrayValue ?? []
        reading.width = elements.count
        guard elements.count <= Self.vectorLimit else {
            if let place = place(of: scalar, &reading) { change(at: place) { $0.set(reading.row, json.text) } }
            return
        }
        for (index, element) in elements.enumerated() {
            guard let place = place(of: "\(scalar)[\(index)]", &reading) else { continue }
            set(ColumnValue(element), row: reading.row, at: place)
        }
    }

    /// The hash of each row.
    fileprivate func rowHashes(_ count: Int) -> [UInt64] {
        var hashes = [UInt64](repeating: RowHash.nothing, count: count)
        for (name, column) in self { column.add(to: &hashes, ofColumn: ItemHash.of(name)) }
        for column in columns { column.hideMasked(in: &hashes) }
        return hashes
    }

    private mutating func set(_ value: ColumnValue, row: Int, at place: Int) {
        change(at: place) { column in
            switch value {
            case .missing: column.set(row, .missing)
            case .number(let number): column.set(row, number)
            case .text(let text): column.set(row, text)
            }
        }
    }
}
