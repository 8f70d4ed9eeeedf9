/// The names that have a cell of their own, the reference's commonest first; one more cell takes all other names.
package struct CategoryAnchors: Sendable, Equatable {
    package let names: [String]
    /// Where each name is.
    let index: NameIndex

    /// At most this many names get a cell of their own.
    package static let nameLimit = 255

    /// - Parameter names: without repeats.
    package init(names: [String]) {
        self.names = names
        index = NameIndex(names)
    }

    /// The commonest names of a reference that has each so often.
    package init(reference counts: [String: Int]) {
        let commonest = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        self.init(names: commonest.prefix(Self.nameLimit).map(\.key))
    }

    package static func == (a: CategoryAnchors, b: CategoryAnchors) -> Bool { a.names == b.names }
}
