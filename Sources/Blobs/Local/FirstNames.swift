/// The names of a folder that come first behind one of them, by bytes, as a bucket sorts them: names that look the same to people
/// may be two files. Of a folder of any size not more than twice as many are held as are wanted.
struct FirstNames {
    private let after: String?
    private let limit: Int
    private(set) var held: [String] = []

    /// - Parameters:
    ///   - after: names up to this one are left out; none when nil.
    ///   - limit: how many are wanted, 1 or more.
    init(after: String?, limit: Int) {
        self.after = after
        self.limit = limit
    }

    mutating func add(_ name: String) {
        if let after, !Self.isBefore(after, name) { return }
        held.append(name)
        if held.count >= 2 * limit { held = first }
    }

    /// Those that are wanted, of all that were added, in their order.
    var first: [String] { Array(held.sorted(by: Self.isBefore).prefix(limit)) }

    private static func isBefore(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
