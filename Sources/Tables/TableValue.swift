package import Wire

/// A cell of a table.
package enum TableValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A number that neither 64 bits nor a double hold exactly, by its digits: a decimal or a wider integer.
    case number(String)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case date(TableDate)
    /// Since midnight.
    case time(nanoseconds: Int64)
    case timestamp(TableTimestamp)
    /// ISO 8601's spelling of a duration, such as `P1M2DT3.5S`.
    case interval(String)
    /// A list as an array, a struct as an object, a map as an array of objects with `key` and `value`.
    case nested(JSON)

    /// A cell as JSON: numbers that JSON would round, bytes (as hexadecimal digits) and times as texts.
    package var json: JSON {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let digits): .string(digits)
        case .double(let value): .double(value)
        case .text(let text), .interval(let text): .string(text)
        case .bytes(let bytes): .string(bytes.hexadecimal)
        case .date(let date): .string(date.text)
        case .time(let nanoseconds): .string(TableTimestamp.clock(nanoseconds: nanoseconds))
        case .timestamp(let timestamp): .string(timestamp.text)
        case .nested(let json): json
        }
    }
}

/// A day of the Gregorian calendar.
package struct TableDate: Sendable, Hashable {
    package let daysSince1970: Int32

    package init(daysSince1970: Int32) {
        self.daysSince1970 = daysSince1970
    }

    /// Such as `2026-11-21`; DuckDB has two days that are before and after all others.
    package var text: String {
        switch daysSince1970 {
        case .max: return "infinity"
        case -Int32.max: return "-infinity"
        default:
            let midnight = Timestamp(milliseconds: Int64(daysSince1970) * 86_400_000)
            return String(midnight.iso8601.prefix { $0 != "T" })
        }
    }
}

/// A moment, or what a calendar and a clock show.
package struct TableTimestamp: Sendable, Hashable {
    /// Since 1970-01-01T00:00:00, in units that fit 64 bits. The greatest number is after all moments, and its negative
    /// before them.
    package let count: Int64
    package let unit: TableType.TimeUnit
    /// Whether it is a moment.
    package let isUTC: Bool

    package init(_ count: Int64, _ unit: TableType.TimeUnit, isUTC: Bool) {
        self.count = count
        self.unit = unit
        self.isUTC = isUTC
    }

    package init(_ moment: Timestamp) {
        self.init(moment.milliseconds * 1000, .microseconds, isUTC: true)
    }

    /// The millisecond in which it lies; nil for the moments before and after all others.
    package var timestamp: Timestamp? {
        guard count != .max, count != -Int64.max else { return nil }
        let (seconds, rest) = parts
        let (milliseconds, hasOverflown) = seconds.multipliedReportingOverflow(by: 1000)
        return hasOverflown ? nil : Timestamp(milliseconds: milliseconds + rest / 1_000_000)
    }

    /// Whole seconds since 1970, and the nanoseconds after them.
    private var parts: (seconds: Int64, nanoseconds: Int64) {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: unit.rawValue)
        let isBefore = rest < 0
        return (
            isBefore ? seconds - 1 : seconds,
            (isBefore ? rest + unit.rawValue : rest) * (1_000_000_000 / unit.rawValue)
        )
    }

    /// ISO 8601, such as `2026-11-21T03:47:23.12Z`; without the Z for what is no moment.
    package var text: String {
        guard count != .max else { return "infinity" }
        guard count != -Int64.max else { return "-infinity" }
        let (seconds, nanoseconds) = parts
        let (milliseconds, hasOverflown) = seconds.multipliedReportingOverflow(by: 1000)
        guard !hasOverflown else { return "\(seconds) seconds since 1970" }
        let whole = Timestamp(milliseconds: milliseconds).iso8601.dropLast(".000Z".count)
        return "\(whole)\(Self.fraction(nanoseconds))\(isUTC ? "Z" : "")"
    }

    /// The time of a day, such as `03:47:23.12`.
    static func clock(nanoseconds: Int64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { number in
            number < 10 ? "0\(number)" : "\(number)"
        }
        return parts.joined(separator: ":") + fraction(rest)
    }

    /// The digits behind the point, without zeros at the end.
    static func fraction(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "" }
        let digits = String(nanoseconds)
        let padded = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        return "." + padded.prefix(upTo: padded.lastIndex { $0 != "0" }.map(padded.index(after:)) ?? padded.endIndex)
    }
}
