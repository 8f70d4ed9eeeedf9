import Statistics
import Wire

enum MultivariateGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("multivariate", "mmd2_rbf") { golden in
            let sums = try kernel(golden).gaussian(gamma: golden.parameter("gamma")).sums
            return [
                "biased": .double(sums.biasedMeanDiscrepancy), "unbiased": .double(sums.unbiasedMeanDiscrepancy),
            ]
        },
        GoldenSolver("multivariate", "median_heuristic") { golden in
            let median = try kernel(golden).median
            return ["median_sq_dist": .double(median), "gamma": .double(1 / median)]
        },
        GoldenSolver("multivariate", "energy_distance_sq") { golden in
            ["e2": .double(try kernel(golden).distances.sums.squaredEnergy)]
        },
        GoldenSolver("multivariate", "mahalanobis", solve: mahalanobis),
        GoldenSolver("multivariate", "pca_reconstruction_error") { golden in
            let (a, b) = try matrices(golden)
            let components = PrincipalComponents(a, varianceKept: try golden.parameter("variance_kept"))
            return [
                "explained": .numbers(components.explained), "k": .count(components.directions.count),
                "error_a": .double(components.meanReconstructionError(a)),
                "error_b": .double(components.meanReconstructionError(b)),
            ]
        },
        GoldenSolver("association", "correlations", solve: correlations),
        GoldenSolver("outlier", "univariate_rules") { golden in
            let rules = OutlierRules(try golden.numbers("a"))
            return [
                "iqr_low": .double(rules.fences.lowerBound), "iqr_high": .double(rules.fences.upperBound),
                "n_iqr": .count(rules.fencedCount), "n_z3": .count(rules.threeDeviationCount),
                "modified_z_max": .double(rules.largestModifiedScore), "n_mz35": .count(rules.modifiedScoreCount),
            ]
        },
    ]

    private static func matrices(_ golden: GoldenCase) throws -> (Matrix, Matrix) {
        (Matrix(try golden.rows("A")), Matrix(try golden.rows("B")))
    }

    private static func kernel(_ golden: GoldenCase) throws -> PairKernel {
        let (a, b) = try matrices(golden)
        return PairKernel(squaredDistances: a, b)
    }

    private static func mahalanobis(_ golden: GoldenCase) throws -> JSON {
        let (a, b) = try matrices(golden)
        let distance = MahalanobisDistance(a)
        let squares = (0..<min(5, b.rows)).map { distance.square(b.row($0)) }
        let covariance = (0..<a.columns).map { JSON.numbers(Array(distance.covariance.row($0))) }
        return [
            "mean": .numbers(distance.mean), "cov": .array(covariance), "d2_first5": .numbers(squares),
            "chi2_pvalue_first5": .numbers(squares.map { distance.pValue(square: $0) }),
        ]
    }

    private static func correlations(_ golden: GoldenCase) throws -> JSON {
        let columns = try golden.columns("A")
        let chosen = golden.parameters["columns"]?.arrayValue?.compactMap(\.integerValue).map { columns[Int($0)] } ?? []
        let tests = [Correlation.pearson, Correlation.spearman, Correlation.kendall].map { $0(chosen[0], chosen[1]) }
        return [
            "pearson": .double(tests[0].coefficient), "pearson_p": .double(tests[0].pValue),
            "spearman": .double(tests[1].coefficient), "spearman_p": .double(tests[1].pValue),
            "kendall_tau_b": .double(tests[2].coefficient), "kendall_p": .double(tests[2].pValue),
        ]
    }
}
