/// How the values of a column become one of eight codes where rows are held against those of a reference. Cuts and names are the
/// reference's, so that a slice is called the same in every window.
struct GrowthColumn: Sendable {
    let name: String
    /// What the first codes stand for: 0 for a missing value, then one for each part of the numbers or each name. Codes beyond stand
    /// for no condition.
    let conditions: [BinnedColumn.Condition]
    private let edges: [Double]
    private let names: [[UInt8]]
    private let isOfNames: Bool

    /// Codes are below it: eight rows are counted at a time.
    static let codes = 8
    static let missing: UInt8 = 0
    /// Any value that has no code of its own.
    static let other: UInt8 = 7
    /// Codes besides these two.
    static let bins = 6

    init(_ column: BinnedColumn) {
        self.init(column.name, column.coding)
    }

    init(_ name: String, _ coding: BinnedColumn.Coding) {
        self.name = name
        switch coding {
        case .numbers(let edges):
            let edges = Array(edges.prefix(Self.bins - 1))
            let bounds = [-.infinity] + edges + [.infinity]
            conditions = [.missing] + zip(bounds, bounds.dropFirst()).map { .between(low: $0, high: $1) }
            (self.edges, names, isOfNames) = (edges, [], false)
        case .texts(let texts):
            let texts = texts.prefix(Self.bins)
            conditions = [.missing] + texts.map { .equals($0) }
            (edges, names, isOfNames) = ([], texts.map { Array($0.utf8) }, true)
        case .nothing:
            conditions = [.missing]
            (edges, names, isOfNames) = ([], [], false)
        }
    }

    @inline(__always)
    func code(_ number: Double) -> UInt8 {
        guard !isOfNames, conditions.count > 1, !number.isNaN else { return Self.other }
        var code: UInt8 = 1
        for edge in edges { code &+= edge < number ? 1 : 0 }
        return code
    }

    /// - Parameter text: in UTF-8.
    @inline(__always)
    func code(_ text: UnsafeRawBufferPointer) -> UInt8 {
        for (place, name) in names.enumerated() where name.count == text.count {
            if name.withUnsafeBytes({ $0.elementsEqual(text) }) { return UInt8(place + 1) }
        }
        return Self.other
    }

    func code(_ value: ColumnValue) -> UInt8 {
        switch value {
        case .missing: return Self.missing
        case .number(let number): return code(number)
        case .text(var text): return text.withUTF8 { code(UnsafeRawBufferPointer($0)) }
        }
    }
}
