/// Where a PostgreSQL database is, as libpq reads it.
package struct PostgresLocation: Sendable, Hashable {
    /// Such as `postgres://ann:secret@db.example:5432/martlet?sslmode=require`. It may hold a password: never shown.
    let url: String
    /// How messages name it: without password and parameters.
    package let place: String

    init(url: String) {
        self.url = url
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let path = rest.prefix { $0 != "?" }
        let authority = path.prefix { $0 != "/" }
        let database = path.dropFirst(authority.count)
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        place = "postgres://\(host)\(database)"
    }

    /// What libpq asks for: names and values, each list ended by nil. The URL may overrule what stands before it.
    ///
    /// A server that vanishes without a word is noticed in about a minute.
    func withParameters<Value>(_ body: (LibPQ.Texts, LibPQ.Texts) -> Value) -> Value {
        let parameters: KeyValuePairs = [
            "connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
            "tcp_user_timeout": "60000", "fallback_application_name": "martlet", "dbname": url,
            "client_encoding": "UTF8",
        ]
        var bytes: [CChar] = []
        var places: [Int] = []
        for text in parameters.map(\.key) + parameters.map(\.value) {
            places.append(bytes.count)
            bytes += text.utf8CString
        }
        return bytes.withUnsafeBufferPointer { buffer in
            let texts = places.map { place -> LibPQ.Text? in buffer.baseAddress?.advanced(by: place) }
            return body(texts.prefix(parameters.count) + [nil], texts.suffix(parameters.count) + [nil])
        }
    }
}
