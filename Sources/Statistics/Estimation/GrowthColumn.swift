/// How the values of a column become one of eight codes where rows are held against those of a reference. Cuts and names are the
/// reference's, so that a slice is called the same in every window.
struct GrowthColumn: Sendable {
    let name: String
    /// What the first codes stand for: 0 for a missing value, then one for each part of the numbers or each name. Codes beyond stand
    /// for no condition.
    let conditions: [BinnedColumn.Condition]
    let coding: BinnedColumn.Coding

    /// Codes are below it: eight rows are counted at a time.
    static let codes = 8
    static let missing: UInt8 = 0
    /// Any value that has no code of its own.
    static let other: UInt8 = 7
    /// Codes besides these two.
    static let bins = 6

    init(_ name: String, _ coding: BinnedColumn.Coding) {
        self.name = name
        switch coding {
        case .numbers(let edges):
            let edges = Array(edges.prefix(Self.bins - 1))
            let bounds = [-.infinity] + edges + [.infinity]
            conditions = [.missing] + zip(bounds, bounds.dropFirst()).map { .between(low: $0, high: $1) }
            self.coding = .numbers(edges: edges)
        case .texts(let texts):
            let texts = Array(texts.prefix(Self.bins))
            conditions = [.missing] + texts.map { .equals($0) }
            self.coding = .texts(texts)
        case .nothing:
            conditions = [.missing]
            self.coding = .nothing
        }
    }
}

/// The codes of some columns, side by side in memory.
struct GrowthCoding: Sendable {
    /// Inner edges, so many a column; those that a column does not have are infinite. NaN in all of a column without numbers.
    private var edges: [Double] = []
    /// The names of all columns in UTF-8, and where in them those of each column lie, so many a column.
    private var bytes: [UInt8] = []
    private var spans: [Range<Int>] = []

    private static let edgeCount = GrowthColumn.bins - 1

    init(_ columns: [GrowthColumn]) {
        for column in columns {
            var own = [Double](repeating: .nan, count: Self.edgeCount)
            var names: [Range<Int>] = []
            switch column.coding {
            case .numbers(let edges): own = edges + own.dropFirst(edges.count).map { _ in .infinity }
            case .texts(let texts):
                for text in texts {
                    names.append(bytes.count..<bytes.count + text.utf8.count)
                    bytes += Array(text.utf8)
                }
            case .nothing: break
            }
            edges += own
            // No text has as many bytes as one that is not there.
            spans += names + repeatElement(0..<Int.max, count: GrowthColumn.bins - names.count)
        }
    }

    @inline(__always)
    func code(_ number: Double, column: Int) -> UInt8 {
        edges.withUnsafeBufferPointer { edges in
            let first = column &* Self.edgeCount
            guard !number.isNaN, !edges[first].isNaN else { return GrowthColumn.other }
            var code: UInt8 = 1
            for place in first..<first &+ Self.edgeCount { code &+= edges[place] < number ? 1 : 0 }
            return code
        }
    }

    /// - Parameter text: in UTF-8.
    @inline(__always)
    func code(_ text: UnsafeRawBufferPointer, column: Int) -> UInt8 {
        bytes.withUnsafeBytes { bytes in
            spans.withUnsafeBufferPointer { spans in
                for code in 1...GrowthColumn.bins {
                    let span = spans[column &* GrowthColumn.bins &+ code &- 1]
                    guard span.count == text.count else { continue }
                    var index = 0
                    while index < text.count, text[index] == bytes[span.lowerBound &+ index] { index &+= 1 }
                    if index == text.count { return UInt8(code) }
                }
                return GrowthColumn.other
            }
        }
    }

    func code(_ value: ColumnValue, column: Int) -> UInt8 {
        switch value {
        case .missing: return GrowthColumn.missing
        case .number(let number): return code(number, column: column)
        case .text(var text): return text.withUTF8 { code(UnsafeRawBufferPointer($0), column: column) }
        }
    }
}
