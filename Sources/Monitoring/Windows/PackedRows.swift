package import Statistics

/// Whole rows in few bytes, each with the columns that it has: what tests that need rows are given of a window or of a
/// reference.
package struct PackedRows: Sendable {
    package typealias Column = Reference.Column.Key

    package struct Row: Sendable, Hashable {
        /// The cells that are neither missing nor absent, each as the place of its column, its type and its value; by place.
        fileprivate let bytes: [UInt8]
        /// About how many bytes it takes: a function of its cells alone, wherever their columns stand.
        let weight: Int
    }

    private(set) var columns: [Column] = []
    private var places: [Column: Int] = [:]
    private(set) var rows: [Row] = []

    package init() {}

    package var count: Int { rows.count }
    package var isEmpty: Bool { rows.isEmpty }

    /// Texts of more bytes are shortened so that different ones stay different.
    private static let longestText = 200

    private enum Tag: UInt8 { case masked, number, text }

    // MARK: Packing

    /// A row of these rows, which is not among them yet.
    /// - Parameter cells: nil for one that is never written down.
    mutating func packed(_ cells: some Sequence<(Column, ColumnValue?)>) -> Row {
        var placed: [(place: Int, value: ColumnValue?)] = []
        for (column, value) in cells where value != .some(.missing) { placed.append((place(of: column), value)) }
        placed.sort { $0.place < $1.place }
        var writer = ProfileWriter()
        var weight = 10
        for (place, value) in placed {
            writer.count(place)
            switch value {
            case nil, .missing:
                writer.byte(Tag.masked.rawValue)
                weight += 2
            case .number(let number):
                writer.byte(Tag.number.rawValue)
                writer.double(number)
                weight += 10
            case .text(let text):
                let text = Self.shortened(text)
                writer.byte(Tag.text.rawValue)
                writer.text(text)
                weight += 4 + text.utf8.count
            }
        }
        return Row(bytes: writer.bytes, weight: weight)
    }

    private mutating func place(of column: Column) -> Int {
        if let place = places[column] { return place }
        places[column] = columns.count
        columns.append(column)
        return columns.count - 1
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        return "\(text.prefix(40))… \(String(ItemHash.of(text), radix: 16))"
    }

    /// A row of others as one of these.
    mutating func taken(_ row: Row, from others: PackedRows) -> Row {
        if columns.isEmpty { (columns, places) = (others.columns, others.places) }
        return columns == others.columns ? row : packed(others.cells(row))
    }

    mutating func insert(_ row: Row, at place: Int) { rows.insert(row, at: place) }

    mutating func append(_ row: Row) { rows.append(row) }

    mutating func removeLast(_ count: Int = 1) { rows.removeLast(count) }

    /// Adds the rows of others.
    mutating func append(_ others: PackedRows) {
        for row in others.rows { rows.append(taken(row, from: others)) }
    }

    func part(_ range: Range<Int>) -> PackedRows {
        var part = self
        part.rows = Array(rows[range])
        return part
    }

    // MARK: Reading

    /// The cells of a row that are not missing; nil for masked ones.
    private func cells(_ row: Row) -> [(Column, ColumnValue?)] {
        var reader = ProfileReader(row.bytes)
        var cells: [(Column, ColumnValue?)] = []
        // What was packed is well formed; of anything else as much is read as can be.
        while reader.position < row.bytes.count, let cell = try? Self.cell(&reader, of: columns.count) {
            cells.append((columns[cell.place], cell.value))
        }
        return cells
    }

    private static func cell(
        _ reader: inout ProfileReader, of columns: Int
    ) throws -> (place: Int, value: ColumnValue?) {
        let place = try reader.count()
        guard place < columns else { throw reader.problem("a cell has no column") }
        switch Tag(rawValue: try reader.byte()) {
        case .masked: return (place, nil)
        case .number: return (place, .number(try reader.double()))
        case .text: return (place, .text(try reader.text()))
        case nil: throw reader.problem("a cell is of no known type")
        }
    }

    /// The values of the columns in some of the rows; nil where they are masked.
    package func values(_ numbers: some Collection<Int>) -> [Column: [ColumnValue?]] {
        var values = [[ColumnValue?]](
            repeating: Array(repeating: .missing, count: numbers.count), count: columns.count)
        for (index, number) in numbers.enumerated() {
            let bytes = rows[number].bytes
            var reader = ProfileReader(bytes)
            while reader.position < bytes.count, let cell = try? Self.cell(&reader, of: columns.count) {
                values[cell.place][index] = cell.value
            }
        }
        return Dictionary(zip(columns, values)) { first, _ in first }
    }

    /// A cell that is not missing, as it is stored.
    enum StoredCell {
        case masked
        case number(Double)
        /// In UTF-8.
        case text(UnsafeRawBufferPointer)
    }

    /// Every cell that is not missing, row by row, with the place of its column.
    func forEachCell(_ body: (_ row: Int, _ place: Int, StoredCell) -> Void) {
        for (row, stored) in rows.enumerated() {
            stored.bytes.withUnsafeBytes { bytes in
                var position = 0
                func count() -> Int? {
                    var (value, shift) = (0, 0)
                    while position < bytes.count, shift < 56 {
                        let byte = bytes[position]
                        position += 1
                        value |= Int(byte & 0x7F) << shift
                        if byte < 0x80 { return value }
                        shift += 7
                    }
                    return nil
                }
                // What was packed is well formed; of anything else as much is read as can be.
                while let place = count(), place < columns.count, position < bytes.count {
                    let tag = Tag(rawValue: bytes[position])
                    position += 1
                    switch tag {
                    case .masked: body(row, place, .masked)
                    case .number:
                        guard bytes.count - position >= 8 else { return }
                        let bits = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                        position += 8
                        body(row, place, .number(Double(bitPattern: UInt64(littleEndian: bits))))
                    case .text:
                        guard let length = count(), length <= bytes.count - position else { return }
                        body(row, place, .text(UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])))
                        position += length
                    case nil: return
                    }
                }
            }
        }
    }

    /// Whether a text looks as if it had been shortened.
    static func looksShortened(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 44 else { return false }
        let hash = text.reversed().prefix { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }.count
        return (1...16).contains(hash) && text.dropLast(hash).suffix(4).elementsEqual("… ".utf8)
    }

    // MARK: Stored form

    func write(to writer: inout ProfileWriter) {
        writer.count(columns.count)
        for column in columns {
            writer.byte(column.role == .input ? 0 : 1)
            writer.text(column.name)
        }
        writer.count(rows.count)
        for row in rows {
            writer.count(row.weight)
            writer.block(row.bytes)
        }
    }

    static func skip(_ reader: inout ProfileReader) throws {
        for _ in 0..<(try reader.elements(bytesEach: 2)) {
            _ = try reader.byte()
            try reader.skipBlock()
        }
        for _ in 0..<(try reader.elements(bytesEach: 2)) {
            _ = try reader.count()
            try reader.skipBlock()
        }
    }

    init(from reader: inout ProfileReader) throws {
        for _ in 0..<(try reader.elements(bytesEach: 2)) {
            let role: Reference.Role = try reader.byte() == 0 ? .input : .output
            let column = Column(name: try reader.text(), role: role)
            guard places[column] == nil else { throw reader.problem("a column comes twice") }
            _ = place(of: column)
        }
        for _ in 0..<(try reader.elements(bytesEach: 2)) {
            let weight = try reader.count()
            rows.append(Row(bytes: try reader.block(), weight: weight))
        }
    }
}

extension PackedRows: Equatable {
    /// Wherever columns stand, and whether or not there are some that no row has.
    package static func == (a: PackedRows, b: PackedRows) -> Bool {
        guard a.count == b.count else { return false }
        if a.columns == b.columns { return a.rows == b.rows }
        var common = PackedRows()
        return zip(a.rows, b.rows).allSatisfy { one, other in
            common.packed(a.cells(one)) == common.packed(b.cells(other))
        }
    }
}
