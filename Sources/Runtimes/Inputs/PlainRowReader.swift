import Wire

/// Walks over a body in one of the plain forms and appends its cells to columns.
struct PlainRowReader {
    /// Found where the body is not plain.
    struct NotPlain: Error {}

    private var scanner: JSONScanner
    private let columns: [ColumnSpec]
    private let key: String?
    private var builders: [ColumnBuilder]
    private var rowCount = 0
    private var id: String?
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
        builders = []
        builders.reserveCapacity(columns.count)
        for column in columns {
            guard let name = column.name else { return nil }
            builders.append(ColumnBuilder(name: name, type: column.type))
        }
    }

    /// What was read.
    /// - Throws: `NotPlain` without rows, or when only some have the key.
    func rows() throws -> PlainRows {
        guard rowCount > 0, keyCount == 0 || keyCount == rowCount else { throw NotPlain() }
        let batch = Batch(rowCount: rowCount, columns: builders.map(\.column))
        return PlainRows(batch: batch, key: keyValue, id: id)
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
    private mutating func end() throws {
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

    // MARK: Open Inference

    mutating func inference() throws {
        try open("{")
        var hasInputs = false
        repeat {
            switch try name() {
            case "id" where id == nil && scanner.peek() == UInt8(ascii: "\""): id = try scanner.string()
            case "inputs" where !hasInputs:
                hasInputs = true
                try tensors()
            default: throw NotPlain()
            }
        } while scanner.take(UInt8(ascii: ","))
        try end()
    }

    private mutating func tensors() throws {
        var targets: [Target] = []
        var names: [String] = []
        var isTable = false
        try elements { reader in
            guard !isTable else { throw NotPlain() }
            let tensor = try reader.tensorHead()
            if reader.isTable(tensor) {
                guard targets.isEmpty else { throw NotPlain() }
                isTable = true
                try reader.table(tensor)
            } else {
                guard tensor.shape.count == 1 || tensor.shape.count == 2 && tensor.shape[1] == 1 else {
                    throw NotPlain()
                }
                let target = reader.target(of: tensor.name, expected: targets.count)
                names.append(tensor.name)
                targets.append(target)
                try reader.column(target, isFirst: targets.count == 1) { reader in
                    var count = 0
                    try reader.elements {
                        try $0.cellOfColumn(target, of: tensor)
                        count += 1
                    }
                    guard count == tensor.shape[0] else { throw NotPlain() }
                }
            }
            try reader.close("}")
        }
        if !isTable { try require(targets, names: names) }
    }

    private struct TensorHead {
        var name = ""
        var shape: [Int] = []
        /// What its elements may be; nil for floating point, which may be missing too.
        var integers: ClosedRange<Int64>?

        func holds(_ cell: JSON) -> Bool {
            switch (cell, integers) {
            case (.integer(let value), let range?): range.contains(value)
            case (.integer, nil), (.double, nil), (.null, nil): true
            default: false
            }
        }
    }

    /// All of a tensor up to its data, which comes last.
    private mutating func tensorHead() throws -> TensorHead {
        try open("{")
        var head = TensorHead()
        var seen: Set<String> = []
        while true {
            let member = try name()
            guard seen.insert(member).inserted else { throw NotPlain() }
            switch member {
            case "name" where scanner.peek() == UInt8(ascii: "\""): head.name = try scanner.string()
            case "datatype" where scanner.peek() == UInt8(ascii: "\""):
                switch try scanner.string() {
                case "FP64", "FP32": break
                case "INT64": head.integers = .min ... .max
                case "INT32": head.integers = Int64(Int32.min)...Int64(Int32.max)
                default: throw NotPlain()
                }
            case "shape":
                try elements { reader in
                    guard case .integer(let length) = try reader.scalar(), (0...Self.longest).contains(length) else {
                        throw NotPlain()
                    }
                    head.shape.append(Int(length))
                }
            case "data" where seen.isSuperset(of: ["name", "datatype", "shape"]): return head
            default: throw NotPlain()
            }
            guard scanner.take(UInt8(ascii: ",")) else { throw NotPlain() }
        }
    }

    /// No body of a plain form has more rows.
    private static let longest = Int64(PlainRows.maximumBytes)

    private func isTable(_ tensor: TensorHead) -> Bool {
        !columns.isEmpty && tensor.shape.count == 2 && tensor.shape[1] == columns.count
            && (columns.count > 1 || tensor.name != columns[0].name)
    }

    /// The data of a tensor that has all columns, flat.
    private mutating func table(_ tensor: TensorHead) throws {
        var position = 0
        try elements { reader in
            let cell = try reader.scalar()
            guard tensor.holds(cell) else { throw NotPlain() }
            try reader.builders[position].append(cell, row: reader.rowCount)
            position += 1
            if position == reader.columns.count {
                position = 0
                reader.rowCount += 1
            }
        }
        guard position == 0, rowCount == tensor.shape[0] else { throw NotPlain() }
    }

    // MARK: Names

    /// What a cell is for.
    private struct Target {
        /// Nil when the model does not take it.
        let column: Int?
        let isKey: Bool
    }

    private mutating func names() throws -> [Target] {
        var names: [String] = []
        var targets: [Target] = []
        try elements { reader in
            guard reader.scanner.peek() == UInt8(ascii: "\"") else { throw NotPlain() }
            let name = try reader.scanner.string()
            targets.append(reader.target(of: name, expected: names.count))
            names.append(name)
        }
        try require(targets, names: names)
        return targets
    }

    private mutating func target(of name: String, expected: Int) -> Target {
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
    private func require(_ targets: [Target], names: [String]) throws {
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

    private mutating func cell(_ target: Target, of tensor: TensorHead? = nil) throws {
        let value = try scalar()
        if let tensor, !tensor.holds(value) { throw NotPlain() }
        if target.isKey { note(value) }
        if let column = target.column { try builders[column].append(value, row: rowCount) }
    }

    /// Reads one column; all have as many cells as the first.
    private mutating func column(
        _ target: Target, isFirst: Bool, _ read: (inout PlainRowReader) throws -> Void
    ) throws {
        let expected = rowCount
        rowCount = 0
        try read(&self)
        guard isFirst || rowCount == expected else { throw NotPlain() }
    }

    private mutating func cellOfColumn(_ target: Target, of tensor: TensorHead? = nil) throws {
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

    private mutating func scalar() throws -> JSON {
        switch scanner.peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw NotPlain()
        default: return try scanner.value()
        }
    }

    // MARK: Structure

    private mutating func open(_ bracket: Unicode.Scalar) throws {
        guard scanner.take(UInt8(ascii: bracket)) else { throw NotPlain() }
    }

    private mutating func close(_ bracket: Unicode.Scalar) throws {
        guard scanner.take(UInt8(ascii: bracket)) else { throw NotPlain() }
    }

    /// The name of a member, with the colon behind it.
    private mutating func name() throws -> String {
        guard scanner.peek() == UInt8(ascii: "\"") else { throw NotPlain() }
        let name = try scanner.string()
        guard scanner.take(UInt8(ascii: ":")) else { throw NotPlain() }
        return name
    }

    /// Reads an array with at least one element.
    private mutating func elements(_ element: (inout PlainRowReader) throws -> Void) throws {
        try open("[")
        repeat { try element(&self) } while scanner.take(UInt8(ascii: ","))
        try close("]")
    }
}
