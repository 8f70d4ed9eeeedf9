/// What is kept of the names of one column over some rows: exact counts of the anchored names, the exact total of all
/// others, and which of those others are common.
package struct CategoryProfile: Sendable, Equatable {
    package let names: [String]
    /// Rows with each anchored name.
    package private(set) var counts: [Int]
    /// Rows with any other name.
    package private(set) var other: Int
    /// The commonest of the other names.
    package private(set) var newcomers: HeavyHitters
    private let cells: [String: Int]

    /// The profile of no rows.
    package init(names: [String]) {
        self.init(names: names, counts: Array(repeating: 0, count: names.count), other: 0, newcomers: HeavyHitters())
    }

    /// A profile as it was stored; `names` without repeats, `counts` with a value for each.
    package init(names: [String], counts: [Int], other: Int, newcomers: HeavyHitters) {
        self.names = names
        self.counts = counts
        self.other = other
        self.newcomers = newcomers
        cells = Dictionary(zip(names, names.indices)) { first, _ in first }
    }

    package mutating func add(_ name: String) {
        if let cell = cells[name] {
            counts[cell] += 1
        } else {
            other += 1
            newcomers.add(name)
        }
    }

    /// Adds the rows of another profile with the same names.
    package mutating func merge(_ more: CategoryProfile) {
        precondition(names == more.names, "profiles with different names cannot be merged")
        for cell in counts.indices { counts[cell] += more.counts[cell] }
        other += more.other
        newcomers.merge(more.newcomers)
    }

    package var total: Int { counts.reduce(other, +) }
}
