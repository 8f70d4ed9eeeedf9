/// Which statements a connection has prepared; a pure value. Beyond its limit the one that was used longest ago gives way,
/// so that statements which a search makes up pile up nowhere.
struct PreparedStatements {
    /// The same text with values of other types is another statement.
    struct Statement: Hashable {
        let text: String
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var lastUse: Int
    }

    let limit: Int
    private var entries: [Statement: Entry] = [:]
    private var uses = 0
    private var made = 0

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { entries.count }

    /// The name of a statement that is prepared.
    mutating func name(of statement: Statement) -> String? {
        uses += 1
        entries[statement]?.lastUse = uses
        return entries[statement]?.name
    }

    /// The name of the statement that must go before another comes; nil while there is room.
    func surplus() -> String? {
        guard entries.count >= limit else { return nil }
        return entries.values.min { $0.lastUse < $1.lastUse }?.name
    }

    mutating func forget(_ name: String) {
        entries = entries.filter { $0.value.name != name }
    }

    mutating func forgetAll() {
        entries = [:]
    }

    /// A name that no statement has had.
    mutating func newName() -> String {
        made += 1
        return "s\(made)"
    }

    mutating func remember(_ statement: Statement, as name: String) {
        entries[statement] = Entry(name: name, lastUse: uses)
    }
}
