/// Two columns of one kind without missing values, neither empty, and the scores that Evidently 0.7.23 gives them.
struct EvidentlySides {
    let type: EvidentlyColumnType
    let reference: RawColumn
    let current: RawColumn

    /// How many different values both sides have together, counted to no more than `limit` and one.
    func distinctCount(upTo limit: Int) -> Int {
        guard let a = reference.numbers, let b = current.numbers else { return ComparedCells(reference, current).count }
        return RawColumn.decimals(a + b).distinctCount(upTo: limit)
    }

    func score(_ test: EvidentlyTest) throws(EvidentlyRefusal) -> Double {
        guard test.needsNumbers else { return try categoricalScore(test) }
        guard let a = reference.numbers, let b = current.numbers else { throw .notNumbers }
        switch test {
        case .wasserstein: return SampleDistance.wasserstein(a, b) / max(Moments(a).populationDeviation, 0.001)
        case .energy: return SampleDistance.energy(a, b)
        case .kolmogorovSmirnov: return KolmogorovSmirnovTest(a, b).pValue
        case .mannWhitney: return MannWhitneyTest(a, b, alternative: .less, law: .automatic).pValue
        case .student: return TTest.student(Moments(a), Moments(b)).pValue
        case .andersonDarling:
            guard distinctCount(upTo: 1) > 1 else { throw .unfit(test, "needs two different values") }
            return AndersonDarlingTest(a, b).pValue
        case .cramerVonMises:
            guard min(a.count, b.count) > 1 else { throw .unfit(test, "needs two values on each side") }
            return CramerVonMisesTest(a, b).pValue
        default:
            guard min(a.count, b.count) >= 5 else { throw .unfit(test, "needs five values on each side") }
            let pValue = EppsSingletonTest(a, b).pValue
            guard !pValue.isNaN else { throw .unfit(test, "needs an interquartile range above 0") }
            return pValue
        }
    }

    private func categoricalScore(_ test: EvidentlyTest) throws(EvidentlyRefusal) -> Double {
        switch test {
        case .stabilityIndex:
            let (p, q) = binned
            return ShareDistance.populationStabilityIndex(Self.floored(p), Self.floored(q), floor: 0)
        case .kullbackLeibler:
            let (p, q) = binned
            return ShareDistance.kullbackLeibler(Self.normalized(Self.floored(p)), Self.normalized(Self.floored(q)))
        case .jensenShannon:
            let (p, q) = binned
            return ShareDistance.jensenShannon(p, q, base: 2.718281828459045)
        case .hellinger: return hellinger
        default: return try countedScore(test, ComparedCells(reference, current))
        }
    }

    private func countedScore(_ test: EvidentlyTest, _ cells: ComparedCells) throws(EvidentlyRefusal) -> Double {
        let (a, b) = (cells.referenceCounts, cells.currentCounts)
        switch test {
        case .chiSquare: return a.count > 1 ? GoodnessOfFitTest(observed: b, reference: a).pValue : .nan
        case .proportions: return proportions(cells)
        case .totalVariation: return totalVariationPValue(cells)
        case .fisher:
            // Swapping both the rows and the columns of the table leaves the p-value as it is.
            guard reference.rows == current.rows else { throw .unfit(test, "needs samples of one size") }
            guard a.count <= 2 else { throw .unfit(test, "needs two categories") }
            let rows = [a, b].map { Proportion($0[0], of: $0.reduce(0, +)) }
            return ProportionDifference(rows[0], rows[1]).fisherPValue
        default:
            guard reference.rows == current.rows else { throw .unfit(test, "needs samples of one size") }
            return a.count > 1 ? GoodnessOfFitTest(observed: b, reference: a, isLikelihoodRatio: true).pValue : .nan
        }
    }

    /// Shares in Sturges' bins over both samples when the reference has more than 20 different numbers, otherwise by value.
    private var binned: (reference: [Double], current: [Double]) {
        guard type == .numerical, let a = reference.numbers, let b = current.numbers,
            reference.distinctCount(upTo: 20) > 20
        else { return ComparedCells(reference, current).shares }
        let edges = BinRule.sturges.edges(a + b, areIntegers: reference.isInteger && current.isInteger)
        return (
            BinRule.counts(a, edges: edges).map { Double($0) / Double(a.count) },
            BinRule.counts(b, edges: edges).map { Double($0) / Double(b.count) }
        )
    }

    /// Empty cells get 0.0001, or a millionth of the least share that is no larger.
    static func floored(_ shares: [Double]) -> [Double] {
        let least = shares.filter { $0 > 0 }.min() ?? 1
        let floor = least <= 0.0001 ? least / 1e6 : 0.0001
        return shares.map { $0 == 0 ? floor : $0 }
    }

    static func normalized(_ shares: [Double]) -> [Double] {
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    /// √(1 − Σ √(pq)) by category, or over densities in Sturges' bins of the distinct numbers of both sides.
    private var hellinger: Double {
        guard type == .numerical, let a = reference.numbers, let b = current.numbers else {
            let (p, q) = ComparedCells(reference, current).shares
            return Self.distance(overlap: zip(p, q).reduce(0) { $0 + ($1.0 * $1.1).squareRoot() })
        }
        let areIntegers = reference.isInteger && current.isInteger
        let edges = BinRule.sturges.edges(Array(Set(a).union(b)), areIntegers: areIntegers)
        guard !edges.isEmpty else { return 0 }
        let mean = (edges[edges.count - 1] - edges[0]) / Double(edges.count - 1)
        let counts = zip(BinRule.counts(a, edges: edges), BinRule.counts(b, edges: edges))
        let overlap = zip(counts, zip(edges, edges.dropFirst())).reduce(0) { sum, bin in
            let shares = (Double(bin.0.0) / Double(a.count), Double(bin.0.1) / Double(b.count))
            // Widths are equal but for rounding, which decides about distances near 0.
            return sum + (shares.0 * shares.1).squareRoot() * mean / (bin.1.1 - bin.1.0)
        }
        return Self.distance(overlap: overlap)
    }

    private static func distance(overlap: Double) -> Double {
        (1 - min(1, max(0, overlap))).squareRoot()
    }

    /// The two-proportion test of the first value in ascending order against all others.
    private func proportions(_ cells: ComparedCells) -> Double {
        guard cells.referenceCounts.count > 1 else { return 1 }
        let shares = [(cells.referenceCounts, reference), (cells.currentCounts, current)].map { counts, column in
            Proportion(column.rows - counts[0], of: column.rows)
        }
        return ProportionDifference(shares[0], shares[1]).pValue
    }

    /// How many of 1,000 random splits lie as far apart, drawn with NumPy's generator from seed 0 in the order of the rows.
    private func totalVariationPValue(_ cells: ComparedCells) -> Double {
        let pooled = cells.reference + cells.current
        let total = zip(cells.referenceCounts, cells.currentCounts).map { $0 + $1 }
        let distance = { (counts: [Int]) in
            let p = counts.map { Double($0) / Double(cells.reference.count) }
            let q = zip(total, counts).map { Double($0 - $1) / Double(cells.current.count) }
            return ShareDistance.totalVariation(p, q)
        }
        let observed = distance(cells.referenceCounts)
        var generator = MersenneTwister(seed: 0)
        var reached = 0
        for _ in 0..<1_000 {
            let drawn = generator.permutation(pooled.count).prefix(cells.reference.count).map { pooled[$0] }
            if observed <= distance(ComparedCells.counts(drawn, total.count)) { reached += 1 }
        }
        return Double(reached) / 1_000
    }
}
