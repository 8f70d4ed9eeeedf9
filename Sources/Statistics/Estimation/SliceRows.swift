/// Rows whose columns are sorted once, so that they can be parted together with others again and again: the parts that
/// `SliceSearch` looks at follow from the values of all rows that are compared.
package struct SliceRows: Sendable {
    /// One column: its numbers ascending, and its names by how often they come.
    struct Column: Sendable {
        let name: String
        /// Without NaN, ascending, and the row of each.
        private(set) var numbers: [Double] = []
        private(set) var numberRows: [UInt32] = []
        private(set) var notANumber: [UInt32] = []
        /// Each once, how often it comes, and the rows that hold a name with the place of it.
        private(set) var names: [String] = []
        private(set) var counts: [Int] = []
        private(set) var namedRows: [(row: UInt32, name: UInt32)] = []

        init(_ name: String, _ values: [ColumnValue]) {
            self.name = name
            var places: [String: UInt32] = [:]
            var rows: [(number: Double, row: UInt32)] = []
            for (row, value) in values.enumerated() {
                switch value {
                case .missing: break
                case .number(let number) where number.isNaN: notANumber.append(UInt32(row))
                case .number(let number): rows.append((number, UInt32(row)))
                case .text(let text):
                    let place = places[text] ?? UInt32(names.count)
                    if place == names.count {
                        places[text] = place
                        names.append(text)
                        counts.append(0)
                    }
                    counts[Int(place)] += 1
                    namedRows.append((UInt32(row), place))
                }
            }
            rows.sort { $0.number < $1.number }
            numbers = rows.map(\.number)
            numberRows = rows.map(\.row)
        }

        /// About how many bytes it takes.
        var sizeBytes: Int {
            let rows = 12 * numbers.count + 4 * notANumber.count + 8 * namedRows.count
            return rows + names.reduce(0) { $0 + 48 + $1.utf8.count }
        }

        /// Puts the codes of the rows, `start` and those behind it, in the place of that of missing values.
        func code(by column: BinnedColumn, into codes: inout [UInt8], at start: Int) {
            let other = UInt8(column.conditions.count - 1)
            switch column.coding {
            case .nothing: break
            case .numbers(let edges):
                var edge = 0
                for (number, row) in zip(numbers, numberRows) {
                    while edge < edges.count, edges[edge] < number { edge += 1 }
                    codes[start + Int(row)] = min(UInt8(edge + 1), other)
                }
            case .texts:
                let known = names.map { column.code(.text($0)) }
                for (row, name) in namedRows { codes[start + Int(row)] = known[Int(name)] }
                for row in numberRows { codes[start + Int(row)] = other }
                for row in notANumber { codes[start + Int(row)] = other }
            }
        }
    }

    let columns: [Column]
    package let count: Int

    /// - Parameter columns: one value a row, as many in each.
    package init(columns: [(name: String, values: [ColumnValue])]) {
        self.columns = columns.map { Column($0.name, $0.values) }
        count = columns.first?.values.count ?? 0
    }

    /// The columns that both have, in the order of this one's, and the codes of these rows and then of the others.
    package func parted(with others: SliceRows, bins: Int) -> [(column: BinnedColumn, codes: [UInt8])] {
        let theirs = Dictionary(others.columns.map { ($0.name, $0) }) { first, _ in first }
        return columns.compactMap { own in
            guard let other = theirs[own.name] else { return nil }
            let column = BinnedColumn(own, other, bins: bins)
            var codes = [UInt8](repeating: 0, count: count + others.count)
            own.code(by: column, into: &codes, at: 0)
            other.code(by: column, into: &codes, at: count)
            return (column, codes)
        }
    }

    /// About how many bytes they take.
    package var sizeBytes: Int { columns.reduce(64) { $0 + 160 + $1.sizeBytes } }
}

extension BinnedColumn {
    /// What `init(_:_:bins:)` makes of the values of two columns together.
    init(_ first: SliceRows.Column, _ second: SliceRows.Column, bins: Int) {
        let bins = min(max(2, bins), Self.maximumBins)
        let numbers = first.numbers.count + second.numbers.count
        guard numbers >= first.namedRows.count + second.namedRows.count else {
            var counts = Dictionary(zip(first.names, first.counts)) { one, _ in one }
            for (name, count) in zip(second.names, second.counts) { counts[name, default: 0] += count }
            self.init(first.name, .texts(Self.leading(counts, bins: bins)))
            return
        }
        let edges = Self.edges(of: numbers, bins: bins) { Self.values(at: $0, of: first.numbers, second.numbers) }
        self.init(first.name, numbers == 0 ? .nothing : .numbers(edges: edges))
    }

    /// The numbers at some places, which ascend, of two ascending lists put together.
    private static func values(at places: [Int], of first: [Double], _ second: [Double]) -> [Double] {
        var (i, j, value) = (0, 0, 0.0)
        return places.map { place in
            while i + j <= place {
                if j == second.count || (i < first.count && first[i] <= second[j]) {
                    value = first[i]
                    i += 1
                } else {
                    value = second[j]
                    j += 1
                }
            }
            return value
        }
    }
}
