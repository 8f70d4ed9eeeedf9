import Wire

/// The Open Inference Protocol.
extension PlainRowReader {
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

    struct TensorHead {
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
            try reader.append(cell, column: position)
            position += 1
            if position == reader.columns.count {
                position = 0
                reader.rowCount += 1
            }
        }
        guard position == 0, rowCount == tensor.shape[0] else { throw NotPlain() }
    }
}
