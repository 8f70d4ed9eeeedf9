/// Runs portable SQL on a connection to PostgreSQL, with its statements prepared once and kept.
struct PostgresSession: Session {
    let connection: PostgresConnection

    /// How many rows one statement inserts or changes at most.
    private static let largestGroup = 256

    func run(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = sql.rendered(for: .postgres)
        try connection.query(text, try PostgresParameters(values), body)
    }

    /// How many owners one statement asks for at most.
    private static let mostOwners = 512

    /// Many owners a round trip; each row says whose it is.
    func run(_ rows: OwnedRows, of owners: [SQLValue], _ body: (Int, Row) throws -> Void) throws {
        let places = Dictionary(grouping: owners.indices) { owners[$0] }
        var rest = Array(places.keys)[...]
        while !rest.isEmpty {
            let portion = rest.prefix(Self.mostOwners)
            try run(rows.sql(ofAll: portion)) { row in
                guard let owner = row.values.last else { return }
                for place in places[owner] ?? [] { try body(place, row) }
            }
            rest = rest.dropFirst(portion.count)
        }
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
        return try inGroups(rows) { group in
            let text = "INSERT INTO \(head) VALUES \(Self.places(rows: group.count, width: width)) \(end)"
            return try connection.query(text, try Self.parameters(group, width: width)) { _ in }
        }
    }

    private func inGroups(_ rows: [[SQLValue]], _ change: (ArraySlice<[SQLValue]>) throws -> Int) throws -> Int {
        var rest = rows[...]
        var changed = 0
        while !rest.isEmpty {
            let powerOfTwo = 1 << (Int.bitWidth - 1 - rest.count.leadingZeroBitCount)
            let group = rest.prefix(min(powerOfTwo, Self.largestGroup))
            changed += try change(group)
            rest = rest.dropFirst(group.count)
        }
        return changed
    }

    /// Many rows a round trip, in groups as for inserting.
    func update(_ table: SQL, set columns: [SQL], by key: SQL, rows: [[SQLValue]]) throws -> Int {
        try inGroups(rows) { group in
            // A list of values has types of its own, and NULL alone says none.
            let filled = columns.indices.filter { column in group.contains { $0[column] != .null } }
            let changes = columns.indices.map { column -> SQL in
                filled.contains(column)
                    ? "\(columns[column]) = given.\(Self.name(column))" : "\(columns[column]) = NULL"
            }
            let (head, _) = ("UPDATE \(table) SET \(changes.joined(separator: ", ")) FROM (VALUES " as SQL)
                .rendered(for: .postgres)
            let given = filled + [columns.count]
            let names = given.map(Self.name).joined(separator: ", ")
            let (end, _) =
                (") AS given (\(names)) WHERE \(table).\(key) = given.\(Self.name(columns.count))" as SQL)
                .rendered(for: .postgres)
            let values = group.map { row in given.map { row[$0] } }[...]
            let text = "\(head)\(Self.places(rows: values.count, width: given.count))\(end)"
            return try connection.query(text, try Self.parameters(values, width: given.count)) { _ in }
        }
    }

    private static func name(_ column: Int) -> SQL { SQL(stringLiteral: "c\(column)") }

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
