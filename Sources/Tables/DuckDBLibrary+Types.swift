extension DuckDBLibrary {
    /// The type behind a handle, which is destroyed.
    func take(type handle: Handle) -> TableType {
        var handle = handle
        defer { destroyType(&handle) }
        return type(of: handle)
    }

    /// The numbers are those of `duckdb_type`.
    private func type(of handle: Handle) -> TableType {
        let id = typeID(handle)
        if let simple = Self.simpleTypes[id] { return simple }
        switch id {
        case 19: return .decimal(width: Int(decimalWidth(handle)), scale: Int(decimalScale(handle)))
        case 23:
            let names = (0..<UInt64(enumSize(handle))).map { take(enumValue(handle, $0)) }
            let storage = enumStorage(handle)
            return .enumeration(names, bytes: storage == 6 ? 1 : storage == 7 ? 2 : 4)
        case 24: return .list(take(type: listElement(handle)))
        case 25:
            return .structure(
                (0..<structSize(handle)).map { index in
                    TableType.Field(
                        name: take(structName(handle, index)), type: take(type: structMember(handle, index)))
                })
        case 26: return .map(key: take(type: mapKey(handle)), value: take(type: mapValue(handle)))
        case 33: return .array(take(type: arrayElement(handle)), count: Int(arraySize(handle)))
        default: return .other(Self.otherNames[id] ?? "type \(id)")
        }
    }

    private static let simpleTypes: [UInt32: TableType] = [
        1: .boolean, 2: .integer(bits: 8, isSigned: true), 3: .integer(bits: 16, isSigned: true),
        4: .integer(bits: 32, isSigned: true), 5: .integer(bits: 64, isSigned: true),
        6: .integer(bits: 8, isSigned: false), 7: .integer(bits: 16, isSigned: false),
        8: .integer(bits: 32, isSigned: false), 9: .integer(bits: 64, isSigned: false), 10: .float, 11: .double,
        12: .timestamp(.microseconds, isUTC: false), 13: .date, 14: .time(.microseconds), 15: .interval,
        16: .integer(bits: 128, isSigned: true), 17: .text, 18: .bytes, 20: .timestamp(.seconds, isUTC: false),
        21: .timestamp(.milliseconds, isUTC: false), 22: .timestamp(.nanoseconds, isUTC: false), 27: .uuid,
        31: .timestamp(.microseconds, isUTC: true), 32: .integer(bits: 128, isSigned: false), 36: .null,
        39: .time(.nanoseconds), 42: .timestamp(.nanoseconds, isUTC: true),
    ]

    private static let otherNames: [UInt32: String] = [
        28: "UNION", 29: "BIT", 30: "TIME WITH TIME ZONE", 35: "BIGNUM", 40: "GEOMETRY", 41: "VARIANT",
    ]
}
