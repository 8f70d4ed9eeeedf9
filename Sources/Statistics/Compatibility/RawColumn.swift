/// The values of one column of one side, as tools that keep the rows themselves compare them.
package enum RawColumn: Sendable, Equatable {
    /// Of a type with fractions; NaN stands for a missing value.
    case decimals([Double])
    /// Of an integer type and without gaps: with gaps the tools we follow read decimals.
    case integers([Double])
    /// Text, categories or booleans: indices into `names`, each of which occurs once; −1 stands for a missing value.
    case categories(codes: [Int], names: [String])

    /// Text as it comes; nil stands for a missing value.
    package init(names: some Sequence<String?>) {
        var indices: [String: Int] = [:]
        var order: [String] = []
        let codes = names.map { name -> Int in
            guard let name else { return -1 }
            if let index = indices[name] { return index }
            indices[name] = order.count
            order.append(name)
            return order.count - 1
        }
        self = .categories(codes: codes, names: order)
    }

    /// Cells of rows: numbers when there is no text among them, integers when all of them are whole and none is missing.
    package init(_ values: some Collection<ColumnValue>) {
        let hasText = values.contains { if case .text = $0 { true } else { false } }
        if hasText {
            self.init(
                names: values.map { value in
                    switch value {
                    case .missing: nil
                    case .text(let text): text
                    case .number(let number): "\(number)"
                    }
                })
            return
        }
        let numbers = values.map { if case .number(let number) = $0 { number } else { Double.nan } }
        let areWhole = !numbers.isEmpty && numbers.allSatisfy { $0.isFinite && $0 == $0.rounded() }
        self = areWhole ? .integers(numbers) : .decimals(numbers)
    }

    /// Rows, missing values among them.
    package var rows: Int {
        switch self {
        case .decimals(let values), .integers(let values): values.count
        case .categories(let codes, _): codes.count
        }
    }

    /// Without missing values, and without infinities unless they are asked for.
    func present(infinities: Bool = false) -> RawColumn {
        switch self {
        case .integers: self
        case .decimals(let values): .decimals(values.filter { infinities ? !$0.isNaN : $0.isFinite })
        case .categories(let codes, let names): .categories(codes: codes.filter { $0 >= 0 }, names: names)
        }
    }

    /// The numbers; nil for categories.
    var numbers: [Double]? {
        switch self {
        case .decimals(let values), .integers(let values): values
        case .categories: nil
        }
    }

    var isInteger: Bool { if case .integers = self { true } else { false } }

    /// How many different values there are, missing ones aside; counting ends above `limit`.
    func distinctCount(upTo limit: Int = .max) -> Int {
        switch self {
        case .decimals(let values), .integers(let values):
            var seen: Set<Double> = []
            for value in values where !value.isNaN && seen.count <= limit { seen.insert(value) }
            return seen.count
        case .categories: return nameCounts.count
        }
    }

    /// How often each name occurs that does; none for numbers.
    var nameCounts: [String: Int] {
        guard case .categories(let codes, let names) = self else { return [:] }
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes where code >= 0 { counts[code] += 1 }
        return Dictionary(zip(names, counts).filter { $0.1 > 0 }) { $0 + $1 }
    }

    /// The rows of a part, in their order.
    package subscript(_ range: Range<Int>) -> RawColumn {
        switch self {
        case .decimals(let values): .decimals(Array(values[range]))
        case .integers(let values): .integers(Array(values[range]))
        case .categories(let codes, let names): .categories(codes: Array(codes[range]), names: names)
        }
    }
}
