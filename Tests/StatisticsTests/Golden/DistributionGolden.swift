import Statistics
import Wire

enum DistributionGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("drift_hist", "psi_decile", solve: decilePSI),
        GoldenSolver("drift_hist", "psi_kl_js_sturges_pooled", solve: pooledSturges),
        GoldenSolver("drift_hist", "js_hellinger_doane_ref_overflow", solve: doaneOverflow),
        GoldenSolver("categorical", "distances", solve: categoryDistances),
        GoldenSolver("categorical", "chi2_homogeneity", solve: homogeneity),
        GoldenSolver("categorical", "g_test_homogeneity") { golden in
            let (_, a, b) = try categories(golden)
            let test = ContingencyTest.likelihoodRatio(a, b)
            return [
                "g": .double(test.statistic), "dof": .count(test.degreesOfFreedom), "pvalue": .double(test.pValue),
            ]
        },
        GoldenSolver("categorical", "chi2_goodness_of_fit") { golden in
            let (_, a, b) = try categories(golden)
            let fit = GoodnessOfFitTest(observed: b, reference: a)
            return ["chi2": .double(fit.statistic), "pvalue": .double(fit.pValue)]
        },
        GoldenSolver("moments", "basic", solve: moments),
        GoldenSolver(
            "binning", "edges_sturges", "edges_doane", "edges_fd", "edges_scott", "edges_sqrt", "edges_auto",
            "edges_rice", solve: binning),
        GoldenSolver(
            "quantile", "linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased",
            "normal_unbiased", "inverted_cdf", "averaged_inverted_cdf", "closest_observation",
            "interpolated_inverted_cdf", solve: quantiles),
        GoldenSolver("multiplicity", "bonferroni") { try adjusted($0, MultipleTesting.bonferroni) },
        GoldenSolver("multiplicity", "holm") { try adjusted($0, MultipleTesting.holm) },
        GoldenSolver("multiplicity", "fdr_bh") { try adjusted($0, MultipleTesting.benjaminiHochberg) },
        GoldenSolver("multiplicity", "fdr_by") { try adjusted($0, MultipleTesting.benjaminiYekutieli) },
    ]

    private static func shares(_ counts: [Int]) -> [Double] {
        let total = Double(counts.reduce(0, +))
        return counts.map { Double($0) / total }
    }

    /// The floor of the golden file for empty cells: 0.0001, or a millionth of the least share that is no larger.
    private static func floored(_ shares: [Double]) -> [Double] {
        let least = shares.filter { $0 > 0 }.min() ?? 1
        let floor = least <= 0.0001 ? least / 1e6 : 0.0001
        return shares.map { $0 > 0 ? $0 : floor }
    }

    private static func normalized(_ shares: [Double]) -> [Double] {
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    private static func decilePSI(_ golden: GoldenCase) throws -> JSON {
        let (a, b) = try TwoSampleGolden.samples(golden)
        let inner = (1..<10).map { a.quantile(Double($0) / 10) }
        let edges = [-Double.infinity] + inner + [.infinity]
        let (p, q) = (shares(BinRule.counts(a, edges: edges)), shares(BinRule.counts(b, edges: edges)))
        return [
            "inner_edges": .numbers(inner), "pa": .numbers(p), "pb": .numbers(q),
            "psi": .double(ShareDistance.populationStabilityIndex(p, q, floor: 0.0001)),
        ]
    }

    private static func pooledSturges(_ golden: GoldenCase) throws -> JSON {
        let (a, b) = try TwoSampleGolden.samples(golden)
        let edges = BinRule.sturges.edges(a + b)
        let (p, q) = (shares(BinRule.counts(a, edges: edges)), shares(BinRule.counts(b, edges: edges)))
        let (raisedP, raisedQ) = (floored(p), floored(q))
        return [
            "n_bins": .count(edges.count - 1), "edges": .numbers(edges), "pa": .numbers(p), "pb": .numbers(q),
            "psi": .double(ShareDistance.populationStabilityIndex(raisedP, raisedQ, floor: 0)),
            "kl": .double(ShareDistance.kullbackLeibler(normalized(raisedP), normalized(raisedQ))),
            "js_distance_nat": .double(ShareDistance.jensenShannon(p, q, base: 2.718281828459045)),
            "js_distance_base2": .double(ShareDistance.jensenShannon(p, q, base: 2)),
        ]
    }

    private static func doaneOverflow(_ golden: GoldenCase) throws -> JSON {
        let (a, b) = try TwoSampleGolden.samples(golden)
        let edges = BinRule.doane.edges(a)
        let p = BinRule.counts(a, edges: edges).map { Double($0) / Double(a.count) }
        let q = BinRule.counts(b, edges: edges).map { Double($0) / Double(b.count) }
        let rest = 1 - q.reduce(0, +)
        return [
            "n_bins": .count(edges.count - 1), "leftover": .double(rest),
            "js_distance_base2": .double(ShareDistance.jensenShannon(p + [0], q + [rest], base: 2)),
            "hellinger": .double(ShareDistance.hellinger(p + [0], q + [max(0, rest)])),
        ]
    }

    private static func categories(_ golden: GoldenCase) throws -> (keys: [String], a: [Int], b: [Int]) {
        let a = try golden.input("a")
        let b = try golden.input("b")
        let keys = Set([a, b].flatMap { $0.memberList ?? [] }.map(\.key)).sorted()
        let counts = { (json: JSON) in keys.map { Int(json[$0]?.integerValue ?? 0) } }
        return (keys, counts(a), counts(b))
    }

    private static func categoryDistances(_ golden: GoldenCase) throws -> JSON {
        let (keys, a, b) = try categories(golden)
        let (p, q) = (shares(a), shares(b))
        let (raisedP, raisedQ) = (floored(p), floored(q))
        let hellinger = ShareDistance.hellinger(p, q)
        let e = 2.718281828459045
        return [
            "keys": .array(keys.map { .string($0) }),
            "psi_floored": .double(ShareDistance.populationStabilityIndex(raisedP, raisedQ, floor: 0)),
            "kl_floored": .double(ShareDistance.kullbackLeibler(normalized(raisedP), normalized(raisedQ))),
            "js_divergence_nat": .double(ShareDistance.jensenShannonDivergence(p, q, base: e)),
            "js_distance_nat": .double(ShareDistance.jensenShannon(p, q, base: e)),
            "js_distance_base2": .double(ShareDistance.jensenShannon(p, q, base: 2)),
            "hellinger": .double(hellinger), "tvd": .double(ShareDistance.totalVariation(p, q)),
            "l_infinity": .double(ShareDistance.largestDifference(p, q)),
            "bhattacharyya_coef": .double(1 - hellinger * hellinger),
            "entropy_a_nat": .double(ShareDistance.entropy(p, base: e)),
            "entropy_b_bits": .double(ShareDistance.entropy(q, base: 2)),
        ]
    }

    private static func homogeneity(_ golden: GoldenCase) throws -> JSON {
        let (_, a, b) = try categories(golden)
        let test = ContingencyTest.chiSquared(a, b)
        return [
            "chi2": .double(test.statistic), "dof": .count(test.degreesOfFreedom), "pvalue": .double(test.pValue),
            "expected": [.numbers(test.expected.map(\.0)), .numbers(test.expected.map(\.1))],
            "cramers_v": .double(test.cramersV),
        ]
    }

    private static func moments(_ golden: GoldenCase) throws -> JSON {
        let a = try golden.numbers("a")
        let moments = Moments(a)
        let median = a.median
        let histogram = BinRule.counts(a, edges: equalEdges(a, bins: 10))
        return [
            "n": .count(moments.count), "mean": .double(moments.mean),
            "var_pop": .double(moments.populationVariance), "var_sample": .double(moments.sampleVariance),
            "std_sample": .double(moments.sampleDeviation), "skew": .double(moments.skewness),
            "kurtosis_excess": .double(moments.excessKurtosis), "skew_unbiased": .double(moments.unbiasedSkewness),
            "kurt_unbiased": .double(moments.unbiasedExcessKurtosis),
            "mad": .double(a.map { abs($0 - median) }.median),
            "iqr": .double(a.quantile(0.75) - a.quantile(0.25)), "gmean": .double(a.geometricMean),
            "entropy_hist10": .double(ShareDistance.entropy(shares(histogram), base: 2.718281828459045)),
        ]
    }

    private static func equalEdges(_ values: [Double], bins: Int) -> [Double] {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        return (0...bins).map { $0 == bins ? high : low + (high - low) * Double($0) / Double(bins) }
    }

    private static func binning(_ golden: GoldenCase) throws -> JSON {
        let a = try golden.numbers("a")
        guard let rule = BinRule(rawValue: String(golden.method.dropFirst("edges_".count))) else { return .null }
        let edges = rule.edges(a)
        return [
            "n_bins": .count(edges.count - 1), "first": .double(edges[0]), "last": .double(edges[edges.count - 1]),
            "width": .double(edges[1] - edges[0]), "counts": .integers(BinRule.counts(a, edges: edges)),
        ]
    }

    private static func quantiles(_ golden: GoldenCase) throws -> JSON {
        guard let method = QuantileMethod(rawValue: golden.method) else { return .null }
        let sorted = try golden.numbers("a").sorted()
        let shares = golden.expected["q"]?.arrayValue?.map(\.number) ?? []
        return ["q": .numbers(shares), "v": .numbers(shares.map { method.quantile($0, ofSorted: sorted) })]
    }

    private static func adjusted(_ golden: GoldenCase, _ adjust: ([Double]) -> [Double]) throws -> JSON {
        let adjusted = adjust(try golden.numbers("p"))
        let alpha = try golden.parameter("alpha")
        return ["adjusted": .numbers(adjusted), "reject": .array(adjusted.map { .bool($0 <= alpha) })]
    }
}
