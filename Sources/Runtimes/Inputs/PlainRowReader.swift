import Wire

/// Walks over a body in one of the plain forms and appends its cells to columns.
struct PlainRowReader {
    /// Found where the body is not plain.
    struct NotPlain: Error {}

    var scanner: JSONScanner
    let columns: [ColumnSpec]
    let key: String?
    /// Empty when all columns are doubles, as they nearly always are: then `matrix` has the cells, row by row.
    var builders: [ColumnBuilder] = []
    var matrix: [Double] = []
    let isMatrix: Bool
    var rowCount = 0
    var id: String?
    private var keyValue: PlainRows.KeyValue?
    /// How many rows had the key.
    private var keyCount = 0
    /// Where names are found that do not come in the order of the columns.
    private var positions: [String: Int]?

    /// - Returns: nil for columns that go by position alone, or of which two have one name.
    init?(_ bytes: UnsafeBufferPointer<UInt8>, columns: [ColumnSpec], key: String?) {
        scanner = JSONScanner(bytes: bytes)
        self.columns = columns
        self.key = key
        guard columns.allSatisfy({ $0.name != nil }) else { return nil }
        isMatrix = columns.allSatisfy { $0.type == .double }
        if isMatrix {
            matrix.reserveCapacity(columns.count)
        } else {
            builders = columns.map { ColumnBuilder(name: $0.name ?? "", type: $0.type) }
        }
    }

    /// What was read.
    /// - Throws: `NotPlain` without rows, or when only some have the key.
    func rows() throws -> PlainRows {
        guard rowCount > 0, keyCount == 0 || keyCount == rowCount else { throw NotPlain() }
        let batch =
            isMatrix
            ? Batch(rowCount: rowCount, matrix: Batch.Matrix(columns: columns, values: matrix))
            : Batch(rowCount: rowCount, columns: builders.map(\.column))
        return PlainRows(batch: batch, key: keyValue, id: id)
    }

    mutating func append(_ cell: JSON, column: Int) throws {
        guard isMatrix else { return try builders[column].append(cell, row: rowCount) }
        let end = (rowCount + 1) * columns.count
        if matrix.count < end { matrix.append(contentsOf: repeatElement(.nan, count: end - matrix.count)) }
        let place = rowCount * columns.count + column
        switch cell {
        case .double(let value): matrix[place] = value
        case .integer(let value): matrix[place] = Double(value)
        case .null: matrix[place] = .nan
        default: throw NotPlain()
        }
    }

    // MARK: Forms

    mutating func invocation() throws {
        try open("{")
        let form = try name()
        switch form {
        case "dataframe_split": try split()
        case "dataframe_records", "instances": try records()
        case "inputs": if scanner.peek() == UInt8(ascii: "{") { try wholeColumns() } else { try records() }
        default: throw NotPlain()
        }
        try end()
    }

    /// The body has one member, which has been read.
    mutating func end() throws {
        try close("}")
        guard scanner.peek() == nil else { throw NotPlain() }
    }

    private mutating func split() throws {
        try open("{")
        var targets: [Target]?
        var hasIndex = false
        var hasData = false
        repeat {
            switch try name() {
            case "columns" where targets == nil && !hasData: targets = try names()
            case "index" where !hasIndex:
                hasIndex = true
                try elements { reader in try reader.skip() }
            case "data" where !hasData:
                hasData = true
                guard let targets else { throw NotPlain() }
                try elements { reader in try reader.row(targets) }
            default: throw NotPlain()
            }
        } while scanner.take(UInt8(ascii: ","))
        try close("}")
        guard hasData else { throw NotPlain() }
    }

    private mutating func row(_ targets: [Target]) throws {
        var position = 0
        try elements { reader in
            guard position < targets.count else { throw NotPlain() }
            try reader.cell(targets[position])
            position += 1
        }
        guard position == targets.count else { throw NotPlain() }
        rowCount += 1
    }

    private mutating func records() throws {
        // Records nearly always have their members in one order: that of the first is tried for the others.
        var order: [(name: String, target: Target)] = []
        try elements { reader in try reader.record(&order) }
    }

    private mutating func record(_ order: inout [(name: String, target: Target)]) throws {
        let isFirst = rowCount == 0
        try open("{")
        var position = 0
        repeat {
            let name = try name()
            if isFirst {
                order.append((name, target(of: name, expected: position)))
            } else if position >= order.count || order[position].name != name {
                throw NotPlain()
            }
            try cell(order[position].target)
            position += 1
        } while scanner.take(UInt8(ascii: ","))
        try close("}")
        if isFirst { try require(order.map(\.target), names: order.map(\.name)) }
        guard position == order.count else { throw NotPlain() }
        rowCount += 1
    }

    /// An object with an array for each column.
    private mutating func wholeColumns() throws {
        try open("{")
        var targets: [Target] = []
        var names: [String] = []
        repeat {
            let name = try name()
            let target = target(of: name, expected: targets.count)
            names.append(name)
            targets.append(target)
            try column(target, isFirst: targets.count == 1) { reader in
                try reader.elements { try $0.cellOfColumn(target) }
            }
        } while scanner.take(UInt8(ascii: ","))
        try close("}")
        try require(targets, names: names)
    }

    // MARK: Names

    /// What a cell is for.
    struct Target {
        /// Nil when the model does not take it.
        let column: Int?
        let isKey: Bool
    }

    private mutating func names() throws -> [Target] {
        var names: [String] = []
        var targets: [Target] = []
        names.reserveCapacity(columns.count)
        targets.reserveCapacity(columns.count)
        try elements { reader in
            let position = names.count
            if position < reader.columns.count, let name = reader.columns[position].name,
                reader.scanner.take(string: name)
            {
                targets.append(Target(column: position, isKey: name == reader.key))
                names.append(name)
                return
            }
            guard reader.scanner.peek() == UInt8(ascii: "\"") else { throw NotPlain() }
            let name = try reader.scanner.string()
            targets.append(reader.target(of: name, expected: position))
            names.append(name)
        }
        try require(targets, names: names)
        return targets
    }

    mutating func target(of name: String, expected: Int) -> Target {
        if expected < columns.count, columns[expected].name == name {
            return Target(column: expected, isKey: name == key)
        }
        let positions =
            positions
            ?? Dictionary(
                columns.enumerated().map { ($1.name ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        self.positions = positions
        return Target(column: positions[name], isKey: name == key)
    }

    /// - Throws: `NotPlain` unless each column is filled by one name, and no name comes twice.
    func require(_ targets: [Target], names: [String]) throws {
        var filled = 0
        var isInOrder = true
        for (position, target) in targets.enumerated() {
            if target.column != nil { filled += 1 }
            if target.column != position { isInOrder = false }
        }
        guard filled == columns.count else { throw NotPlain() }
        guard isInOrder || Set(names).count == names.count else { throw NotPlain() }
    }

    // MARK: Cells

    mutating func cell(_ target: Target, of tensor: TensorHead? = nil) throws {
        let value = try scalar()
        if let tensor, !tensor.holds(value) { throw NotPlain() }
        if target.isKey { note(value) }
        if let column = target.column { try append(value, column: column) }
    }

    /// Reads one column; all have as many cells as the first.
    mutating func column(
        _ target: Target, isFirst: Bool, _ read: (inout PlainRowReader) throws -> Void
    ) throws {
        let expected = rowCount
        rowCount = 0
        try read(&self)
        guard isFirst || rowCount == expected else { throw NotPlain() }
    }

    mutating func cellOfColumn(_ target: Target, of tensor: TensorHead? = nil) throws {
        try cell(target, of: tensor)
        rowCount += 1
    }

    private mutating func note(_ value: JSON) {
        keyCount += 1
        let isShared = keyValue.map { $0.isShared && $0.first == value } ?? true
        keyValue = PlainRows.KeyValue(first: keyValue?.first ?? value, isShared: isShared)
    }

    private mutating func skip() throws {
        _ = try scalar()
    }

    mutating func scalar() throws -> JSON {
        switch scanner.peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw NotPlain()
        default: return try scanner.value()
        }
    }

    // MARK: Structure

    mutating func open(_ bracket: Unicode.Scalar) throws {
        guard scanner.take(UInt8(ascii: bracket)) else { throw NotPlain() }
    }

    mutating func close(_ bracket: Unicode.Scalar) throws {
        guard scanner.take(UInt8(ascii: bracket)) else { throw NotPlain() }
    }

    /// The name of a member, with the colon behind it.
    mutating func name() throws -> String {
        guard scanner.peek() == UInt8(ascii: "\"") else { throw NotPlain() }
        let name = try scanner.string()
        guard scanner.take(UInt8(ascii: ":")) else { throw NotPlain() }
        return name
    }

    /// Reads an array with at least one element.
    mutating func elements(_ element: (inout PlainRowReader) throws -> Void) throws {
        try open("[")
        repeat { try element(&self) } while scanner.take(UInt8(ascii: ","))
        try close("]")
    }
}
