/// Runs portable SQL on a connection to PostgreSQL, with its statements prepared once and kept.
struct PostgresSession: Session {
    let connection: PostgresConnection

    /// How many rows one statement inserts at most.
    private static let largestInsert = 256

    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = sql.rendered(for: .postgres)
        try connection.query(text, try PostgresParameters(values), body)
    }

    func execute(_ sql: SQL) throws -> Int {
        let (text, values) = sql.rendered(for: .postgres)
        if values.isEmpty, Self.isDefinition(text) {
            try connection.define(text)
            return 0
        }
        return try connection.query(text, try PostgresParameters(values)) { _ in }
    }

    /// Whether a statement changes the schema.
    private static func isDefinition(_ text: String) -> Bool {
        let verb = text.prefix { !$0.isWhitespace }
        return ["CREATE", "ALTER", "DROP", "DO"].contains(verb)
    }

    /// Many rows a round trip. They go in groups whose size is a power of two, so that inserts of all lengths share a few
    /// prepared statements.
    func insert(into table: SQL, width: Int, rows: [[SQLValue]], _ tail: SQL) throws -> Int {
        let (head, _) = table.rendered(for: .postgres)
        let (end, _) = tail.rendered(for: .postgres)
        var rest = rows[...]
        var changed = 0
        while !rest.isEmpty {
            let powerOfTwo = 1 << (Int.bitWidth - 1 - rest.count.leadingZeroBitCount)
            let group = rest.prefix(min(powerOfTwo, Self.largestInsert))
            let text = "INSERT INTO \(head) VALUES \(Self.places(rows: group.count, width: width)) \(end)"
            changed += try connection.query(text, try Self.parameters(group, width: width)) { _ in }
            rest = rest.dropFirst(group.count)
        }
        return changed
    }

    func resumeIdentity(of table: String, column: String) throws {
        let sequence: SQL = "pg_get_serial_sequence(\(table), \(column))"
        let (name, from) = (SQL(stringLiteral: column), SQL(stringLiteral: table))
        let greatest: SQL = "COALESCE((SELECT MAX(\(name)) FROM \(from)), 0)"
        try run("SELECT setval(\(sequence), GREATEST(nextval(\(sequence)), \(greatest) + 1), false)") { _ in }
    }

    /// Such as `($1, $2), ($3, $4)`.
    private static func places(rows: Int, width: Int) -> String {
        (0..<rows).map { row in
            let places = (1...width).map { "$\(row * width + $0)" }
            return "(\(places.joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    /// A column is of one type in all rows, also where it is NULL.
    private static func parameters(_ rows: ArraySlice<[SQLValue]>, width: Int) throws -> PostgresParameters {
        let types = (0..<width).map { column in
            rows.lazy.map { $0[column].postgresType }.first { $0 != PostgresType.unknown } ?? PostgresType.unknown
        }
        let values = rows.flatMap(\.self)
        return try PostgresParameters(values, types: Array(repeatElement(types, count: rows.count).joined()))
    }
}
