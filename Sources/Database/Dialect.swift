/// How one engine spells what engines spell differently.
enum Dialect: Sendable {
    case sqlite

    func placeholder(_ number: Int) -> String {
        switch self {
        case .sqlite: "?"
        }
    }

    func spelling(of term: SQL.Term) -> String {
        switch (self, term) {
        case (.sqlite, .identity): "INTEGER PRIMARY KEY AUTOINCREMENT"
        case (.sqlite, .bytes): "BLOB"
        case (.sqlite, .double): "DOUBLE PRECISION"
        case (.sqlite, .inKeyOrder): "WITHOUT ROWID"
        }
    }
}

extension SQL {
    /// The statement's text for an engine and the values to bind, in order.
    func rendered(for dialect: Dialect) -> (text: String, values: [SQLValue]) {
        var text = ""
        var values: [SQLValue] = []
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let value):
                values.append(value)
                text += dialect.placeholder(values.count)
            case .term(let term): text += dialect.spelling(of: term)
            }
        }
        return (text, values)
    }
}
