package import Wire

/// A piece of SQL with its bound values. Values enter by string interpolation and are always bound, never pasted:
///
///     let sql: SQL = "SELECT name FROM runs WHERE run_id = \(id)"
///
/// Interpolating another `SQL` splices it in, so that statements are composed without touching text. What engines spell
/// differently (placeholders, column types) is kept symbolic until the statement meets its engine.
package struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    enum Part: Sendable, Hashable {
        case text(String)
        case value(SQLValue)
        case term(Term)
        case pattern(Pattern)
    }

    /// What each engine has its own word for.
    package enum Term: Sendable, Hashable {
        /// A 64-bit primary key that the engine counts up and never gives twice.
        case identity
        /// The type of a column of raw bytes.
        case bytes
        /// The type of a 64-bit floating-point column.
        case double
        /// At the end of CREATE TABLE: rows are kept in the order of the primary key, where the engine is able to, so
        /// that a table which is little more than its key is not stored twice.
        case inKeyOrder
    }

    private(set) var parts: [Part]
    /// Whether engines keep the prepared statement for the next time.
    private(set) var isKept = true

    private init(parts: [Part], isKept: Bool = true) {
        self.parts = parts
        self.isKept = isKept
    }

    package init(stringLiteral text: String) {
        parts = [.text(text)]
    }

    package init(stringInterpolation: StringInterpolation) {
        parts = stringInterpolation.parts
        isKept = stringInterpolation.isKept
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []
        fileprivate var isKept = true

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ text: String) {
            if !text.isEmpty { parts.append(.text(text)) }
        }

        package mutating func appendInterpolation(_ value: some SQLValueConvertible) {
            parts.append(.value(value.sqlValue))
        }

        package mutating func appendInterpolation(_ value: (some SQLValueConvertible)?) {
            parts.append(.value(value.sqlValue))
        }

        package mutating func appendInterpolation(_ sql: SQL) {
            parts.append(contentsOf: sql.parts)
            isKept = isKept && sql.isKept
        }

        package mutating func appendInterpolation(_ term: Term) {
            parts.append(.term(term))
        }

        /// To the right of a column of text: whether a pattern is somewhere in it.
        package mutating func appendInterpolation(matching pattern: Pattern) {
            parts.append(.pattern(pattern))
        }

        /// A parenthesised list of bound values to the right of IN; an empty list matches nothing. The last value is
        /// repeated up to a power of two, so that lists of all lengths share a few prepared statements.
        package mutating func appendInterpolation(list values: some Collection<some SQLValueConvertible>) {
            var parameters = values.map { Part.value($0.sqlValue) }
            guard let last = parameters.last else { return appendLiteral("(NULL)") }
            while parameters.count & (parameters.count - 1) != 0 { parameters.append(last) }
            appendLiteral("(")
            for (index, parameter) in parameters.enumerated() {
                if index > 0 { appendLiteral(", ") }
                parts.append(parameter)
            }
            appendLiteral(")")
        }
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        SQL(parts: left.parts + right.parts, isKept: left.isKept && right.isKept)
    }

    package static func += (left: inout SQL, right: SQL) {
        left.parts.append(contentsOf: right.parts)
        left.isKept = left.isKept && right.isKept
    }

    package var isEmpty: Bool { parts.isEmpty }

    /// The same, in a statement that is prepared for one time. For statements whose shape is up to users, such as searches:
    /// there is no end of them, and each that is kept takes memory.
    package var once: SQL {
        var sql = self
        sql.isKept = false
        return sql
    }
}

extension Sequence<SQL> {
    /// The pieces with `separator` between them, such as conditions with `" AND "`.
    package func joined(separator: SQL) -> SQL {
        var joined: SQL = ""
        for (index, sql) in enumerated() {
            if index > 0 { joined += separator }
            joined += sql
        }
        return joined
    }
}
