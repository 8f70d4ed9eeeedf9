/// How the values of a column become one of a few codes, as search and estimation need them: numbers by quantiles, texts by
/// how often they come. Code 0 is a missing value.
package struct BinnedColumn: Sendable, Equatable {
    /// What one code stands for.
    package enum Condition: Sendable, Hashable {
        case missing
        /// low < x ≤ high; an open side is infinite.
        case between(low: Double, high: Double)
        case equals(String)
        /// Any value that has no code of its own.
        case other
    }

    /// How codes are found.
    package enum Coding: Sendable, Hashable {
        /// By the first of these inner edges that is not below the number; without numbers all is missing.
        case numbers(edges: [Double])
        /// By the place in the list.
        case texts([String])
        case nothing
    }

    package let name: String
    package let coding: Coding
    /// By code.
    package let conditions: [Condition]
    private let codes: [String: UInt8]

    /// Most codes beside those for missing and other values.
    package static let maximumBins = 200

    package init(_ name: String, _ coding: Coding) {
        self.name = name
        self.coding = coding
        switch coding {
        case .numbers(let edges):
            let bounds = [-.infinity] + edges.prefix(Self.maximumBins) + [.infinity]
            conditions = [.missing] + zip(bounds, bounds.dropFirst()).map { .between(low: $0, high: $1) }
            codes = [:]
        case .texts(let texts):
            let texts = texts.prefix(Self.maximumBins)
            conditions = [.missing] + texts.map { .equals($0) } + [.other]
            codes = Dictionary(texts.enumerated().map { ($1, UInt8($0 + 1)) }) { first, _ in first }
        case .nothing:
            conditions = [.missing]
            codes = [:]
        }
    }

    /// - Parameter bins: at most so many codes beside those for missing and other values. Numbers of fewer distinct values
    ///   get one code each.
    package init(_ name: String, _ values: [ColumnValue], bins: Int) {
        let bins = min(max(2, bins), Self.maximumBins)
        var numbers: [Double] = []
        var texts: [String: Int] = [:]
        for value in values {
            switch value {
            case .missing: break
            case .number(let number): if !number.isNaN { numbers.append(number) }
            case .text(let text): texts[text, default: 0] += 1
            }
        }
        if numbers.count >= texts.values.reduce(0, +) {
            numbers.sort()
            let edges = Self.edges(of: numbers.count, bins: bins) { places in places.map { numbers[$0] } }
            self.init(name, numbers.isEmpty ? .nothing : .numbers(edges: edges))
        } else {
            self.init(name, .texts(Self.leading(texts, bins: bins)))
        }
    }

    /// The commonest texts.
    static func leading(_ counts: [String: Int], bins: Int) -> [String] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(bins).map(\.key)
    }

    /// Inner edges at quantiles that are values of the column, each once; none at the last value.
    /// - Parameter values: those at some places, which ascend, of so many numbers in their order.
    static func edges(of count: Int, bins: Int, values: ([Int]) -> [Double]) -> [Double] {
        guard count > 0 else { return [] }
        let found = values((1..<bins).map { min(count - 1, ($0 * count - 1) / bins) } + [count - 1])
        var edges: [Double] = []
        for edge in found.dropLast() where edge < found[bins - 1] {
            if edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
        }
        return edges
    }

    package func code(_ value: ColumnValue) -> UInt8 {
        switch (value, coding) {
        case (.number(let number), .numbers(let edges)):
            guard !number.isNaN else { return 0 }
            return UInt8(1 + min(edges.partitioningIndex { $0 >= number }, conditions.count - 2))
        case (.text(let text), .texts): return codes[text] ?? UInt8(conditions.count - 1)
        case (.number, .texts): return UInt8(conditions.count - 1)
        // A text among numbers is no number.
        case (.text, .numbers), (.missing, _), (_, .nothing): return 0
        }
    }
}
