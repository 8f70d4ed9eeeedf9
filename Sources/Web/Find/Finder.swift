package import Wire

/// A thing that has a page of its own.
package struct Place: Sendable, Hashable, JSONRepresentable {
    /// In one word, such as `run`.
    package let kind: String
    package let name: String
    /// Where its page is.
    package let path: String
    /// What tells it from others of its name, such as the experiment of a run.
    package let note: String?

    package init(kind: String, name: String, path: String, note: String? = nil) {
        self.kind = kind
        self.name = name
        self.path = path
        self.note = note
    }

    package var json: JSON {
        .compact([
            "kind": .string(kind), "name": .string(name), "path": .string(path), "note": note.map { .string($0) },
        ])
    }
}

/// Finds places of one kind by their names. Slices offer them, the composition root puts them together.
package struct Finder: Sendable {
    /// Not more than so many places, of which each fits; the answer must not take longer the more there are of its kind.
    package typealias Find = @Sendable (_ query: NameQuery, _ limit: Int) async throws -> [Place]

    let find: Find

    package init(_ find: @escaping Find) {
        self.find = find
    }

    /// Looks through all places of a kind of which there are few.
    package static func among(_ places: @escaping @Sendable () async throws -> [Place]) -> Finder {
        Finder { query, limit in
            Array(try await places().filter { query.rank(of: $0.name) != nil }.prefix(limit))
        }
    }
}

/// All that can be found.
package struct Finders: Sendable {
    private let all: [Finder]

    package static let limits = 1...50

    /// - Parameter all: those of which there are least first: among places that fit equally well, theirs come first.
    package init(_ all: [Finder]) {
        self.all = all
    }

    /// The places that fit best.
    func places(_ query: NameQuery, limit: Int) async throws -> [Place] {
        guard !query.isEmpty else { return [] }
        var found: [(rank: Int, place: Place)] = []
        for finder in all {
            found += try await finder.find(query, limit).map { (query.rank(of: $0.name) ?? .max, $0) }
        }
        // By rank alone, and in the order of finders within one.
        let ranks = Dictionary(grouping: found, by: \.rank)
        return Array(ranks.keys.sorted().flatMap { ranks[$0, default: []].map(\.place) }.prefix(limit))
    }
}
