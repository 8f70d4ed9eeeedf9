/// Rows that are held against those of a reference, in its columns and codes.
package struct GrowthRows: Sendable {
    package let count: Int
    private let reference: GrowthReference
    /// Of each column of the reference one after the other, by row; missing until it is set.
    private var codes: [UInt8]
    /// The names that have no code, by column.
    private var others: [[(row: Int, name: String)]]
    private var isThere: [Bool]

    package init(_ count: Int, against reference: GrowthReference) {
        self.count = count
        self.reference = reference
        codes = [UInt8](repeating: GrowthColumn.missing, count: reference.columns.count * count)
        others = reference.columns.map { _ in [] }
        isThere = reference.columns.map { _ in false }
    }

    /// Says that the rows have a column, by its place in the reference: others are not compared.
    package mutating func note(_ column: Int) { isThere[column] = true }

    package mutating func set(_ number: Double, row: Int, column: Int) {
        codes[column &* count &+ row] = reference.coding.code(number, column: column)
    }

    /// - Parameter text: in UTF-8.
    package mutating func set(_ text: UnsafeRawBufferPointer, row: Int, column: Int) {
        let code = reference.coding.code(text, column: column)
        codes[column &* count &+ row] = code
        if code == GrowthColumn.other, reference.names[column] != nil {
            others[column].append((row, String(decoding: text, as: UTF8.self)))
        }
    }

    /// Says that the value is there and has no name.
    package mutating func setOther(row: Int, column: Int) {
        codes[column &* count &+ row] = GrowthColumn.other
    }

    /// The columns that both have, those of names that have come up besides, and how rows fall into their cells.
    func cells() -> GrowthCells {
        var cells = GrowthCells(reference, count)
        for place in reference.columns.indices where isThere[place] {
            cells.append(reference.columns[place], place, Array(codes[place * count..<(place + 1) * count]))
        }
        for place in reference.columns.indices {
            guard let (column, own, theirs) = newcomers(place) else { continue }
            cells.append(column, own, besides: theirs)
        }
        return cells
    }

    /// A name without a code has come up when it makes so many rows, and twice its share of the reference.
    private static let newcomerRows = 20

    /// A column of those names that have come up: all other values are none of its conditions.
    private func newcomers(_ place: Int) -> (column: GrowthColumn, own: [UInt8], theirs: [UInt8])? {
        guard others[place].count >= Self.newcomerRows, let known = reference.names[place] else { return nil }
        var found: [String: Int] = [:]
        for (_, name) in others[place] { found[name, default: 0] += 1 }
        let named = reference.columns[place].conditions.map { condition in
            if case .equals(let name) = condition { name } else { "" }
        }
        let grown = found.filter { name, rows in
            let before = known.counts[name]?.rows ?? 0
            return rows >= Self.newcomerRows && rows * reference.count >= 2 * before * count && !named.contains(name)
        }
        guard !grown.isEmpty else { return nil }
        let leading = BinnedColumn.leading(grown, bins: GrowthColumn.bins)
        let column = GrowthColumn(reference.columns[place].name, .texts(leading))
        let codes = Dictionary(leading.enumerated().map { ($1, UInt8($0 + 1)) }) { first, _ in first }
        var own = [UInt8](repeating: GrowthColumn.other, count: count)
        for (row, name) in others[place] { own[row] = codes[name] ?? GrowthColumn.other }
        var byPlace: [UInt32: UInt8] = [:]
        for (name, code) in codes { if let known = known.counts[name] { byPlace[known.place] = code } }
        return (column, own, known.rows.map { byPlace[$0] ?? GrowthColumn.other })
    }
}
