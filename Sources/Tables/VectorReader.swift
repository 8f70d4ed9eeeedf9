import CDuckDB
import Wire

/// Copies the cells of a vector of DuckDB into values of Swift. It and what it gives out are of no use after the chunk.
struct VectorReader {
    private let library: DuckDBLibrary
    private let handle: DuckDBLibrary.Handle
    private let type: TableType
    /// Nil for types whose cells lie in other vectors.
    private let data: UnsafeRawPointer?
    /// A bit for each row that has a value; nil when every row has.
    private let validity: UnsafePointer<UInt64>?

    init(_ library: DuckDBLibrary, _ handle: DuckDBLibrary.Handle, _ type: TableType) {
        self.library = library
        self.handle = handle
        self.type = type
        data = library.vectorData(handle)
        validity = library.vectorValidity(handle)
    }

    func vector(rows count: Int) -> TableVector {
        TableVector(values(count), validity: validity.map { _ in (0..<count).map(hasValue) })
    }

    private func hasValue(_ row: Int) -> Bool {
        guard let validity else { return true }
        return validity[row / 64] >> UInt64(row % 64) & 1 == 1
    }

    private func values(_ count: Int) -> TableVector.Values {
        switch type {
        case .boolean: .bools((0..<count).map { load($0, as: UInt8.self) != 0 })
        case .integer(8, isSigned: true): .integers(integers(count, as: Int8.self))
        case .integer(16, isSigned: true): .integers(integers(count, as: Int16.self))
        case .integer(32, isSigned: true): .integers(integers(count, as: Int32.self))
        case .integer(64, isSigned: true): .integers(integers(count, as: Int64.self))
        case .integer(8, isSigned: false): .integers(integers(count, as: UInt8.self))
        case .integer(16, isSigned: false): .integers(integers(count, as: UInt16.self))
        case .integer(32, isSigned: false): .integers(integers(count, as: UInt32.self))
        case .float: .doubles((0..<count).map { Double(load($0, as: Float.self)) })
        case .double: .doubles((0..<count).map { load($0, as: Double.self) })
        case .text: .texts((0..<count).map { hasValue($0) ? String(decoding: bytes($0), as: UTF8.self) : "" })
        default: .others((0..<count).map(value))
        }
    }

    private func integers<Number: FixedWidthInteger & BitwiseCopyable>(_ count: Int, as type: Number.Type) -> [Int64] {
        // Rows without a value may hold anything, but nothing that is too wide.
        (0..<count).map { Int64(truncatingIfNeeded: load($0, as: Number.self)) }
    }

    private func load<Value: BitwiseCopyable>(_ row: Int, as type: Value.Type) -> Value {
        // DuckDB has data for every type that is read this way.
        data.unsafelyUnwrapped.loadUnaligned(fromByteOffset: row * MemoryLayout<Value>.stride, as: type)
    }

    private func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        let string = load(row, as: duckdb_string_t.self)
        let count = Int(string.length)
        let stride = MemoryLayout<duckdb_string_t>.stride
        let inlined = data.map { $0 + row * stride + MemoryLayout<UInt32>.size }
        return UnsafeRawBufferPointer(start: count <= 12 ? inlined : UnsafeRawPointer(string.data), count: count)
    }

    /// Any cell.
    func value(_ row: Int) -> TableValue {
        guard hasValue(row) else { return .null }
        switch type {
        case .boolean: return .bool(load(row, as: UInt8.self) != 0)
        case .integer(let bits, let isSigned): return integer(row, bits: bits, isSigned: isSigned)
        case .float: return .double(Double(load(row, as: Float.self)))
        case .double: return .double(load(row, as: Double.self))
        case .decimal(let width, let scale): return decimal(row, width: width, scale: scale)
        case .text: return .text(String(decoding: bytes(row), as: UTF8.self))
        case .bytes: return .bytes(Array(bytes(row)))
        case .uuid: return .text(uuid(row))
        case .date: return .date(TableDate(daysSince1970: load(row, as: Int32.self)))
        // A file may hold more than there is in a day.
        case .time(let unit): return .time(nanoseconds: load(row, as: Int64.self) &* (1_000_000_000 / unit.rawValue))
        case .timestamp(let unit, let isUTC):
            return .timestamp(TableTimestamp(load(row, as: Int64.self), unit, isUTC: isUTC))
        case .interval: return .interval(interval(row))
        case .enumeration(let names, let bytes): return .text(names[index(row, bytes: bytes)])
        case .list(let element): return list(row, of: element)
        case .map(let key, let value):
            return list(row, of: .structure([.init(name: "key", type: key), .init(name: "value", type: value)]))
        case .array(let element, let count):
            let child = VectorReader(library, library.arrayChild(handle), element)
            return .nested(.array((row * count..<(row + 1) * count).map { child.value($0).json }))
        case .structure(let fields): return structure(row, fields)
        case .null, .other: return .null
        }
    }

    private func integer(_ row: Int, bits: Int, isSigned: Bool) -> TableValue {
        switch (bits, isSigned) {
        case (8, true): .integer(Int64(load(row, as: Int8.self)))
        case (16, true): .integer(Int64(load(row, as: Int16.self)))
        case (32, true): .integer(Int64(load(row, as: Int32.self)))
        case (64, true): .integer(load(row, as: Int64.self))
        case (8, false): .integer(Int64(load(row, as: UInt8.self)))
        case (16, false): .integer(Int64(load(row, as: UInt16.self)))
        case (32, false): .integer(Int64(load(row, as: UInt32.self)))
        case (64, false): exact(load(row, as: UInt64.self))
        case (_, true): exact(wide(row))
        case (_, false): exact(UInt128(truncatingIfNeeded: wide(row)))
        }
    }

    private func exact(_ value: some BinaryInteger) -> TableValue {
        Int64(exactly: value).map(TableValue.integer) ?? .number("\(value)")
    }

    private func wide(_ row: Int) -> Int128 {
        let halves = load(row, as: duckdb_hugeint.self)
        return Int128(halves.upper) << 64 | Int128(halves.lower)
    }

    /// DuckDB keeps a decimal in the smallest integer that holds as many digits.
    private func decimal(_ row: Int, width: Int, scale: Int) -> TableValue {
        let units: Int128 =
            switch width {
            case ...4: Int128(load(row, as: Int16.self))
            case ...9: Int128(load(row, as: Int32.self))
            case ...18: Int128(load(row, as: Int64.self))
            default: wide(row)
            }
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = units < 0 ? "-" : ""
        return .number(scale == 0 ? sign + digits : "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))")
    }

    /// DuckDB turns the highest bit over, so that signed numbers sort as the texts do.
    private func uuid(_ row: Int) -> String {
        let bits = UInt128(truncatingIfNeeded: wide(row)) ^ (UInt128(1) << 127)
        let bytes = (0..<16).reversed().map { UInt8(truncatingIfNeeded: bits >> (8 * UInt128($0))) }
        let groups = [bytes[0..<4], bytes[4..<6], bytes[6..<8], bytes[8..<10], bytes[10..<16]]
        return groups.map(\.hexadecimal).joined(separator: "-")
    }

    private func interval(_ row: Int) -> String {
        let value = load(row, as: duckdb_interval.self)
        let magnitude = Int64(clamping: value.micros.magnitude)
        let seconds = "\(magnitude / 1_000_000)\(TableTimestamp.fraction(magnitude % 1_000_000 * 1000))"
        let date = (value.months == 0 ? "" : "\(value.months)M") + (value.days == 0 ? "" : "\(value.days)D")
        let time = value.micros == 0 && !date.isEmpty ? "" : "T\(value.micros < 0 ? "-" : "")\(seconds)S"
        return "P\(date)\(time)"
    }

    private func index(_ row: Int, bytes: Int) -> Int {
        switch bytes {
        case 1: Int(load(row, as: UInt8.self))
        case 2: Int(load(row, as: UInt16.self))
        default: Int(load(row, as: UInt32.self))
        }
    }

    private func list(_ row: Int, of element: TableType) -> TableValue {
        let entry = load(row, as: duckdb_list_entry.self)
        let child = VectorReader(library, library.listChild(handle), element)
        let rows = Int(entry.offset)..<Int(entry.offset + entry.length)
        return .nested(.array(rows.map { child.value($0).json }))
    }

    private func structure(_ row: Int, _ fields: [TableType.Field]) -> TableValue {
        .nested(
            .members(
                fields.enumerated().map { index, field in
                    let child = VectorReader(library, library.structChild(handle, UInt64(index)), field.type)
                    return (field.name, child.value(row).json)
                }))
    }
}
