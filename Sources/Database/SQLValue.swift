package import Wire

/// A value that a column can hold, the same on every engine. Text with the character U+0000 and the double NaN are
/// refused when they are bound: engines cut the one short and take the other for NULL.
@usableFromInline
package enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
}

/// A Swift type that a column can hold.
@usableFromInline
package protocol SQLValueConvertible {
    var sqlValue: SQLValue { get }
    /// Nil when the column holds something else.
    init?(sqlValue: SQLValue)
}

extension SQLValue: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { self }
    @inlinable package init?(sqlValue: SQLValue) { self = sqlValue }
}

extension String: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .text(self) }
    @inlinable package init?(sqlValue: SQLValue) {
        guard case .text(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Int64: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .integer(self) }
    @inlinable package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Int: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .integer(Int64(self)) }
    @inlinable package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(exactly: value)
    }
}

extension Bool: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    @inlinable package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self = value != 0
    }
}

extension Double: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .double(self) }
    @inlinable package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .double(let value): self = value
        case .integer(let value): self = Double(value)
        default: return nil
        }
    }
}

extension [UInt8]: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { .bytes(self) }
    @inlinable package init?(sqlValue: SQLValue) {
        guard case .bytes(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Timestamp: SQLValueConvertible {
    package var sqlValue: SQLValue { .integer(milliseconds) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(milliseconds: value)
    }
}

/// JSON is kept as compact text.
extension JSON: SQLValueConvertible {
    package var sqlValue: SQLValue { .text(text) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let json = try? JSON.parse(text) else { return nil }
        self = json
    }
}

extension JSONText: SQLValueConvertible {
    package var sqlValue: SQLValue { .text(text) }
    package init?(sqlValue: SQLValue) {
        // What is stored was checked when it came.
        guard case .text(let text) = sqlValue else { return nil }
        self.init(checked: text)
    }
}

extension Optional: SQLValueConvertible where Wrapped: SQLValueConvertible {
    @inlinable package var sqlValue: SQLValue { self?.sqlValue ?? .null }
    @inlinable package init?(sqlValue: SQLValue) {
        if sqlValue == .null {
            self = .none
        } else {
            guard let value = Wrapped(sqlValue: sqlValue) else { return nil }
            self = .some(value)
        }
    }
}
