import Wire

/// A column of a table, and how its values are compared.
struct DataColumn: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        case number
        /// A day or a moment, compared as the seconds since 1970.
        case time
        /// One of a set of names.
        case name
        /// It has no value in any row, so that any other kind goes with it.
        case empty
        /// Lists, structs, bytes: not compared.
        case other

        /// As what a column is profiled by itself.
        var compared: Kind { self == .empty ? .name : self }
    }

    let name: String
    /// As the file says, such as `BIGINT`.
    let type: String
    let kind: Kind
    /// How many values are no numbers, in a text that has numbers otherwise.
    let oddValues: Int

    init(name: String, type: String, kind: Kind, oddValues: Int = 0) {
        self.name = name
        self.type = type
        self.kind = kind
        self.oddValues = oddValues
    }
}

extension DataColumn: JSONRepresentable {
    var json: JSON {
        ["name": .string(name), "type": .string(type), "kind": .string(kind.rawValue)]
    }
}
