/// Two columns of one kind without missing values, by the distinct values of both in ascending order.
struct ComparedCells {
    /// For each row the index of its value.
    let reference: [Int]
    let current: [Int]
    /// How often each value occurs.
    let referenceCounts: [Int]
    let currentCounts: [Int]

    /// Without cells for numbers on one side and categories on the other.
    init(_ reference: RawColumn, _ current: RawColumn) {
        if let a = reference.numbers, let b = current.numbers {
            let values = Set(a).union(b).sorted()
            let indices = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
            self.init(a.compactMap { indices[$0] }, b.compactMap { indices[$0] }, count: values.count)
        } else if case .categories(let a, let namesA) = reference, case .categories(let b, let namesB) = current {
            let values = Set(reference.nameCounts.keys).union(current.nameCounts.keys).sorted {
                $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
            }
            let indices = Dictionary(uniqueKeysWithValues: zip(values, values.indices))
            let (cellsA, cellsB) = (namesA.map { indices[$0] ?? -1 }, namesB.map { indices[$0] ?? -1 })
            self.init(a.map { cellsA[$0] }, b.map { cellsB[$0] }, count: values.count)
        } else {
            self.init([], [], count: 0)
        }
    }

    private init(_ reference: [Int], _ current: [Int], count: Int) {
        self.reference = reference
        self.current = current
        referenceCounts = Self.counts(reference, count)
        currentCounts = Self.counts(current, count)
    }

    /// How many distinct values there are.
    var count: Int { referenceCounts.count }

    static func counts(_ cells: some Sequence<Int>, _ cellCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: cellCount)
        for cell in cells { counts[cell] += 1 }
        return counts
    }

    var shares: (reference: [Double], current: [Double]) {
        (
            referenceCounts.map { Double($0) / Double(reference.count) },
            currentCounts.map { Double($0) / Double(current.count) }
        )
    }
}
