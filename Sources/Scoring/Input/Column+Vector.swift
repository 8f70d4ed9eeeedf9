import Runtimes
import Tables

extension Column {
    /// A column of values that DuckDB has cast already. Missing numbers are NaN, as everywhere.
    init(name: String, _ vector: TableVector, as type: ColumnType) {
        switch type {
        case .double: self.init(name: name, values: .doubles(vector.doubles))
        case .float: self.init(name: name, values: .floats(vector.doubles.map(Float.init)))
        case .long: self.init(name: name, values: .int64s(vector.integers))
        case .integer: self.init(name: name, values: .int32s(vector.integers.map(Int32.init(truncatingIfNeeded:))))
        case .boolean: self.init(name: name, values: .bools(vector.bools))
        case .string: self.init(name: name, values: .strings(vector.texts), validity: vector.validity)
        }
    }

    func slice(_ rows: Range<Int>) -> Column {
        Column(name: name, values: values.slice(rows), validity: validity.map { Array($0[rows]) })
    }
}

extension TableVector {
    fileprivate var doubles: [Double] {
        var numbers: [Double] =
            switch values {
            case .doubles(let values): values
            case .integers(let values): values.map(Double.init)
            case .bools(let values): values.map { $0 ? 1 : 0 }
            case .texts, .others: Array(repeating: .nan, count: values.count)
            }
        if let validity {
            for row in numbers.indices where !validity[row] { numbers[row] = .nan }
        }
        return numbers
    }

    /// Rows without a value are never asked about.
    fileprivate var integers: [Int64] {
        switch values {
        case .integers(let values): values
        case .bools(let values): values.map { $0 ? 1 : 0 }
        case .doubles, .texts, .others: Array(repeating: 0, count: values.count)
        }
    }

    fileprivate var bools: [Bool] {
        if case .bools(let values) = values { values } else { Array(repeating: false, count: values.count) }
    }

    fileprivate var texts: [String] {
        if case .texts(let values) = values { values } else { Array(repeating: "", count: values.count) }
    }
}

extension TableVector.Values {
    var count: Int {
        switch self {
        case .bools(let values): values.count
        case .integers(let values): values.count
        case .doubles(let values): values.count
        case .texts(let values): values.count
        case .others(let values): values.count
        }
    }
}

extension TableVector {
    /// Vectors of one column, one after the other.
    static func joined(_ vectors: [TableVector]) -> TableVector {
        guard vectors.count != 1 else { return vectors[0] }
        let validity =
            vectors.contains { $0.validity != nil }
            ? vectors.flatMap { $0.validity ?? Array(repeating: true, count: $0.values.count) } : nil
        return TableVector(.joined(vectors.map(\.values)), validity: validity)
    }

    /// The cells of some rows.
    func picking(_ rows: [Int]) -> TableVector {
        let picked: Values =
            switch values {
            case .bools(let values): .bools(rows.map { values[$0] })
            case .integers(let values): .integers(rows.map { values[$0] })
            case .doubles(let values): .doubles(rows.map { values[$0] })
            case .texts(let values): .texts(rows.map { values[$0] })
            case .others(let values): .others(rows.map { values[$0] })
            }
        return TableVector(picked, validity: validity.map { validity in rows.map { validity[$0] } })
    }
}

extension TableVector.Values {
    /// All are of the kind of the first: they come from one column.
    fileprivate static func joined(_ all: [TableVector.Values]) -> TableVector.Values {
        switch all.first {
        case .bools: .bools(joined(all) { values -> [Bool] in if case .bools(let list) = values { list } else { [] } })
        case .integers:
            .integers(joined(all) { values -> [Int64] in if case .integers(let list) = values { list } else { [] } })
        case .doubles:
            .doubles(joined(all) { values -> [Double] in if case .doubles(let list) = values { list } else { [] } })
        case .texts:
            .texts(joined(all) { values -> [String] in if case .texts(let list) = values { list } else { [] } })
        case .others, nil:
            .others(joined(all) { values -> [TableValue] in if case .others(let list) = values { list } else { [] } })
        }
    }

    private static func joined<Element>(
        _ all: [TableVector.Values], _ elements: (TableVector.Values) -> [Element]
    ) -> [Element] {
        var joined: [Element] = []
        joined.reserveCapacity(all.reduce(0) { $0 + $1.count })
        for values in all { joined += elements(values) }
        return joined
    }
}

extension Values {
    func slice(_ rows: Range<Int>) -> Values {
        switch self {
        case .bools(let values): .bools(Array(values[rows]))
        case .int32s(let values): .int32s(Array(values[rows]))
        case .int64s(let values): .int64s(Array(values[rows]))
        case .floats(let values): .floats(Array(values[rows]))
        case .doubles(let values): .doubles(Array(values[rows]))
        case .strings(let values): .strings(Array(values[rows]))
        }
    }

    /// Columns of one type as the rows of a matrix.
    init(rowMajor columns: [Values], _ rowCount: Int) {
        switch columns.first {
        case .bools:
            self = .bools(Self.rows(columns, rowCount, false) { if case .bools(let it) = $0 { it } else { [] } })
        case .int32s:
            self = .int32s(Self.rows(columns, rowCount, 0) { if case .int32s(let it) = $0 { it } else { [] } })
        case .int64s:
            self = .int64s(Self.rows(columns, rowCount, 0) { if case .int64s(let it) = $0 { it } else { [] } })
        case .floats:
            self = .floats(Self.rows(columns, rowCount, 0) { if case .floats(let it) = $0 { it } else { [] } })
        case .doubles:
            self = .doubles(Self.rows(columns, rowCount, 0) { if case .doubles(let it) = $0 { it } else { [] } })
        case .strings, nil:
            self = .strings(Self.rows(columns, rowCount, "") { if case .strings(let it) = $0 { it } else { [] } })
        }
    }

    private static func rows<Element>(
        _ columns: [Values], _ rowCount: Int, _ zero: Element, _ elements: (Values) -> [Element]
    ) -> [Element] {
        var rows = Array(repeating: zero, count: rowCount * columns.count)
        for (place, column) in columns.enumerated() {
            for (row, value) in elements(column).enumerated() { rows[row * columns.count + place] = value }
        }
        return rows
    }
}
