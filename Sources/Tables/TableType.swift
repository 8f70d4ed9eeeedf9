/// The type of a column, as far as values of it are read.
package indirect enum TableType: Sendable, Hashable {
    case boolean
    /// Of 8, 16, 32, 64 or 128 bits.
    case integer(bits: Int, isSigned: Bool)
    /// 32 bits.
    case float
    /// 64 bits.
    case double
    /// - Parameters:
    ///   - width: how many digits there are in all, at most 38.
    ///   - scale: how many of them are behind the point.
    case decimal(width: Int, scale: Int)
    case text
    case bytes
    case uuid
    case date
    /// The time of a day.
    case time(TimeUnit)
    /// - Parameter isUTC: whether it is a moment; otherwise what a calendar and a clock show, wherever they hang.
    case timestamp(TimeUnit, isUTC: Bool)
    case interval
    /// One of a list of texts.
    /// - Parameter bytes: how many bytes the index of one takes.
    case enumeration([String], bytes: Int)
    case list(TableType)
    /// A list of fixed length.
    case array(TableType, count: Int)
    case structure([Field])
    case map(key: TableType, value: TableType)
    /// Of NULL alone.
    case null
    /// One whose values are read only as text, by a CAST in the statement.
    case other(String)

    package enum TimeUnit: Int64, Sendable, Hashable {
        case seconds = 1
        case milliseconds = 1000
        case microseconds = 1_000_000
        case nanoseconds = 1_000_000_000
    }

    package struct Field: Sendable, Hashable {
        package let name: String
        package let type: TableType

        package init(name: String, type: TableType) {
            self.name = name
            self.type = type
        }
    }

    /// The name that SQL has for it, such as `DECIMAL(18,3)` or `STRUCT(a INTEGER, b DOUBLE[])`.
    package var name: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .integer(let bits, let isSigned): (isSigned ? "" : "U") + Self.integerName(bits: bits)
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .decimal(let width, let scale): "DECIMAL(\(width),\(scale))"
        case .text: "VARCHAR"
        case .bytes: "BLOB"
        case .uuid: "UUID"
        case .date: "DATE"
        case .time(let unit): unit == .nanoseconds ? "TIME_NS" : "TIME"
        case .timestamp(let unit, let isUTC): Self.timestampName(unit, isUTC: isUTC)
        case .interval: "INTERVAL"
        case .enumeration: "ENUM"
        case .list(let element): element.name + "[]"
        case .array(let element, let count): "\(element.name)[\(count)]"
        case .structure(let fields):
            "STRUCT(\(fields.map { "\($0.name) \($0.type.name)" }.joined(separator: ", ")))"
        case .map(let key, let value): "MAP(\(key.name), \(value.name))"
        case .null: "NULL"
        case .other(let name): name
        }
    }

    private static func integerName(bits: Int) -> String {
        switch bits {
        case 8: "TINYINT"
        case 16: "SMALLINT"
        case 32: "INTEGER"
        case 64: "BIGINT"
        default: "HUGEINT"
        }
    }

    private static func timestampName(_ unit: TimeUnit, isUTC: Bool) -> String {
        let suffix =
            switch unit {
            case .seconds: "_S"
            case .milliseconds: "_MS"
            case .microseconds: ""
            case .nanoseconds: "_NS"
            }
        return "TIMESTAMP" + (isUTC ? " WITH TIME ZONE" : suffix)
    }

    /// Whether values of it are read as they are: neither it nor a part of it is of another kind.
    package var isRead: Bool {
        switch self {
        case .other: false
        case .list(let element), .array(let element, _): element.isRead
        case .structure(let fields): fields.allSatisfy(\.type.isRead)
        case .map(let key, let value): key.isRead && value.isRead
        default: true
        }
    }
}

/// A column of a result.
package struct TableColumn: Sendable, Hashable {
    package let name: String
    package let type: TableType

    package init(name: String, type: TableType) {
        self.name = name
        self.type = type
    }
}
