/// What is kept of the names of one column over some rows: exact counts of the anchored names, the exact total of all
/// others, which of those others are common, how many different ones there are and what they look like.
package struct CategoryProfile: Sendable, Equatable {
    package let anchors: CategoryAnchors
    /// Rows with each anchored name.
    package internal(set) var counts: [Int]
    /// Rows with any other name.
    package internal(set) var other: Int
    /// The commonest of the other names; exact, like its shapes, while there are no more than `HeavyHitters.limit`.
    package internal(set) var newcomers: HeavyHitters
    /// How many different other names there are.
    var newcomerDistinct: DistinctCount
    /// Lengths and shapes of the other names.
    var newcomerShapes: StringShapes

    /// The profile of no rows.
    package init(anchors: CategoryAnchors) {
        self.init(
            anchors: anchors, counts: Array(repeating: 0, count: anchors.names.count), other: 0,
            newcomers: HeavyHitters(), newcomerDistinct: DistinctCount(), newcomerShapes: StringShapes())
    }

    /// A profile as it was stored; `counts` with a value for each name.
    init(
        anchors: CategoryAnchors, counts: [Int], other: Int, newcomers: HeavyHitters, newcomerDistinct: DistinctCount,
        newcomerShapes: StringShapes
    ) {
        self.anchors = anchors
        self.counts = counts
        self.other = other
        self.newcomers = newcomers
        self.newcomerDistinct = newcomerDistinct
        self.newcomerShapes = newcomerShapes
    }

    package mutating func add(_ name: String, count: Int = 1) {
        var name = name
        name.withUTF8 { add(utf8: UnsafeRawBufferPointer($0), count: count) }
    }

    /// Adds a name by its bytes; what is not UTF-8 in it is replaced by U+FFFD.
    package mutating func add(utf8: UnsafeRawBufferPointer, count: Int = 1) {
        let hash = ItemHash.of(utf8)
        if let cell = anchors.index.place(of: utf8, hash: hash) {
            counts[cell] += count
        } else {
            addNewcomer(String(decoding: utf8, as: UTF8.self), hash: hash, count: count)
        }
    }

    private mutating func addNewcomer(_ name: String, hash: UInt64, count: Int) {
        other += count
        newcomers.add(name, count: count)
        newcomerDistinct.add(hash: hash)
        newcomerShapes.add(name, count: count)
    }

    /// Adds the rows of another profile with the same names.
    package mutating func merge(_ more: CategoryProfile) {
        precondition(anchors == more.anchors, "profiles with different names cannot be merged")
        for cell in counts.indices { counts[cell] += more.counts[cell] }
        other += more.other
        newcomers.merge(more.newcomers)
        newcomerDistinct.merge(more.newcomerDistinct)
        newcomerShapes.merge(more.newcomerShapes)
    }

    package var names: [String] { anchors.names }
    package var total: Int { counts.reduce(other, +) }

    /// How many different names there are; exact unless more than `DistinctCount.exactLimit` have no cell of their own.
    package var distinct: Double {
        Double(counts.count { $0 > 0 }) + newcomerDistinct.estimate
    }

    /// The commonest names with their rows.
    package func commonest(_ limit: Int) -> [(name: String, count: Int)] {
        let anchored = zip(names, counts).filter { $0.1 > 0 }.map { (name: $0.0, count: $0.1) }
        let all = anchored + newcomers.commonest(HeavyHitters.limit)
        return Array(all.sorted { ($1.count, $0.name) < ($0.count, $1.name) }.prefix(limit))
    }

    /// Lengths and shapes of all names.
    package var shapes: StringShapes {
        var shapes = newcomerShapes
        for (name, count) in zip(names, counts) where count > 0 { shapes.add(name, count: count) }
        return shapes
    }
}
