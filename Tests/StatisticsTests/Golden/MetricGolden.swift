import Statistics
import Wire

enum MetricGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("proportion", "z_test_pooled", solve: zTest),
        GoldenSolver("proportion", "fisher_exact") { golden in
            let difference = try proportions(golden)
            return ["odds_ratio": .double(difference.oddsRatio), "pvalue": .double(difference.fisherPValue)]
        },
        GoldenSolver("proportion", "chi2_yates") { golden in
            let pair = try proportions(golden)
            let cells = [pair.first, pair.second].map { [$0.successes, $0.trials - $0.successes] }
            let test = ContingencyTest.chiSquared(cells[0], cells[1], isContinuityCorrected: true)
            return ["chi2": .double(test.statistic), "pvalue": .double(test.pValue)]
        },
        GoldenSolver("proportion", "ci_wilson") { try interval($0, .wilson) },
        GoldenSolver("proportion", "ci_beta") { try interval($0, .exact) },
        GoldenSolver("proportion", "ci_agresti_coull") { try interval($0, .agrestiCoull) },
        GoldenSolver("proportion", "ci_normal") { try interval($0, .normal) },
        GoldenSolver("proportion", "ci_jeffreys") { try interval($0, .jeffreys) },
        GoldenSolver("proportion", "ci_diff_newcombe") { golden in
            let difference = try proportions(golden)
            let interval = difference.newcombeInterval()
            return [
                "diff": .double(difference.difference), "low": .double(interval.lowerBound),
                "high": .double(interval.upperBound),
            ]
        },
        GoldenSolver("proportion", "ci_diff_wald") { json(try proportions($0).waldInterval()) },
        GoldenSolver("metrics_binary", "threshold_metrics", "threshold_metrics_weighted", solve: threshold),
        GoldenSolver("metrics_binary", "ranking_metrics", "ranking_metrics_weighted", solve: ranking),
        GoldenSolver("metrics_binary", "calibration_uniform") { try calibration($0, .equalWidth) },
        GoldenSolver("metrics_binary", "calibration_quantile") { try calibration($0, .equalMass) },
        GoldenSolver("metrics_binary", "lift_at") { golden in
            let top = try scored(golden).top(fraction: golden.parameter("fraction"))
            return ["k": .count(top.count), "lift": .double(top.lift), "capture": .double(top.capture)]
        },
        GoldenSolver("metrics_binary", "business_value", solve: businessValue),
        GoldenSolver("metrics_regression", "all", solve: regression),
    ]

    private static func proportion(_ golden: GoldenCase, _ name: String) throws -> Proportion {
        let json = try golden.input(name)
        return Proportion(Int(json["k"]?.integerValue ?? 0), of: Int(json["n"]?.integerValue ?? 0))
    }

    private static func proportions(_ golden: GoldenCase) throws -> ProportionDifference {
        try ProportionDifference(proportion(golden, "a"), proportion(golden, "b"))
    }

    private static func json(_ interval: ClosedRange<Double>) -> JSON {
        ["low": .double(interval.lowerBound), "high": .double(interval.upperBound)]
    }

    private static func interval(_ golden: GoldenCase, _ method: Proportion.IntervalMethod) throws -> JSON {
        try json(proportion(golden, "a").interval(method, alpha: golden.parameter("alpha")))
    }

    private static func zTest(_ golden: GoldenCase) throws -> JSON {
        let difference = try proportions(golden)
        return [
            "z": .double(difference.z), "pvalue": .double(difference.pValue),
            "pvalue_larger": .double(NormalDistribution.upperTail(difference.z)),
            "pvalue_smaller": .double(NormalDistribution.cumulative(difference.z)),
        ]
    }

    private static func scored(_ golden: GoldenCase) throws -> ScoredLabels {
        try ScoredLabels(
            labels: golden.numbers("y").map { $0 == 1 }, scores: golden.numbers("score"),
            weights: try? golden.numbers("weight"))
    }

    private static func threshold(_ golden: GoldenCase) throws -> JSON {
        let matrix = try scored(golden).confusion(threshold: golden.parameter("threshold"))
        return [
            "tn": .double(matrix.trueNegatives), "fp": .double(matrix.falsePositives),
            "fn": .double(matrix.falseNegatives), "tp": .double(matrix.truePositives),
            "accuracy": .double(matrix.accuracy), "precision": .double(matrix.precision),
            "recall": .double(matrix.recall), "specificity": .double(matrix.specificity),
            "fpr": .double(matrix.falsePositiveRate), "fnr": .double(matrix.falseNegativeRate),
            "npv": .double(matrix.negativePredictiveValue), "f1": .double(matrix.fScore()),
            "f2": .double(matrix.fScore(beta: 2)), "f05": .double(matrix.fScore(beta: 0.5)),
            "mcc": .double(matrix.matthewsCorrelation), "kappa": .double(matrix.cohenKappa),
            "balanced_accuracy": .double(matrix.balancedAccuracy), "jaccard": .double(matrix.jaccard),
            "youden_j": .double(matrix.youdenJ),
        ]
    }

    private static func ranking(_ golden: GoldenCase) throws -> JSON {
        let scored = try scored(golden)
        let positives = zip(scored.labels, scored.scores).filter(\.0).map(\.1)
        let negatives = zip(scored.labels, scored.scores).filter { !$0.0 }.map(\.1)
        return [
            "roc_auc": .double(scored.rocAUC), "average_precision": .double(scored.averagePrecision),
            "pr_auc_trapezoid": .double(scored.trapezoidalPrecisionRecallArea), "gini": .double(scored.gini),
            "ks": .double(scored.kolmogorovSmirnov),
            "ks_via_2samp": .double(KolmogorovSmirnovTest(positives, negatives).statistic),
            "log_loss": .double(scored.logLoss), "brier": .double(scored.brierScore),
            "positive_rate": .double(scored.positiveRate),
        ]
    }

    private static func calibration(_ golden: GoldenCase, _ binning: Calibration.Binning) throws -> JSON {
        let calibration = Calibration(try scored(golden), binning: binning, bins: Int(try golden.parameter("n_bins")))
        let bins = calibration.bins.map { bin -> JSON in
            guard bin.count > 0 else { return [.count(0), .null, .null] }
            return [.count(bin.count), .double(bin.meanProbability), .double(bin.positiveRate)]
        }
        return [
            "ece": .double(calibration.expectedError), "mce": .double(calibration.maximumError),
            "bins_n_meanp_rate": .array(bins),
        ]
    }

    private static func businessValue(_ golden: GoldenCase) throws -> JSON {
        let matrix = try scored(golden).confusion(threshold: golden.parameter("threshold"))
        let values = ["tp", "fp", "fn", "tn"].map { golden.parameters["value_matrix"]?[$0]?.doubleValue ?? 0 }
        let total = matrix.value(
            truePositive: values[0], falsePositive: values[1], falseNegative: values[2], trueNegative: values[3])
        return ["total": .double(total), "per_prediction": .double(total / matrix.total)]
    }

    private static func regression(_ golden: GoldenCase) throws -> JSON {
        let errors = try RegressionErrors(truths: golden.numbers("y"), predictions: golden.numbers("yhat"))
        return [
            "mse": .double(errors.meanSquared), "rmse": .double(errors.rootMeanSquared),
            "mae": .double(errors.meanAbsolute), "medae": .double(errors.medianAbsolute),
            "mape": .double(errors.meanAbsolutePercentage), "smape": .double(errors.symmetricPercentage),
            "wape": .double(errors.weightedPercentage), "r2": .double(errors.rSquared),
            "explained_variance": .double(errors.explainedVariance), "max_error": .double(errors.maximum),
            "msle": .double(errors.meanSquaredLogarithmic),
            "rmsle": .double(errors.meanSquaredLogarithmic.squareRoot()), "bias": .double(errors.bias),
            "error_std_sample": .double(errors.sampleDeviation), "pinball_09": .double(errors.pinball(0.9)),
            "pinball_01": .double(errors.pinball(0.1)), "poisson_deviance": .double(errors.tweedieDeviance(power: 1)),
            "gamma_deviance": .double(errors.tweedieDeviance(power: 2)),
            "tweedie15": .double(errors.tweedieDeviance(power: 1.5)), "d2_absolute": .double(errors.absoluteSkill),
            "huber_delta1": .double(errors.huber(delta: 1)), "pearson": .double(errors.correlation),
        ]
    }
}
