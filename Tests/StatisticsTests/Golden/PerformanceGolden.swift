import Statistics
import Wire

/// Several classes, ranked lists, estimation without labels, and slices.
enum PerformanceGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("metrics_multiclass", "all", solve: classes),
        GoldenSolver("metrics_ranking", "at_k", solve: ranking),
        GoldenSolver("metrics_binary", "isotonic_pav") { golden in
            let fit = IsotonicFit(scores: try golden.numbers("score"), outcomes: try golden.numbers("y"))
            let places = golden.expected["at"]?.arrayValue?.map(\.number) ?? []
            return ["at": .numbers(places), "value": .numbers(places.map { fit($0) })]
        },
        GoldenSolver("no_label", "cbpe_calibrated", solve: expected),
        GoldenSolver("no_label", "cbpe_multiclass_accuracy") { golden in
            ["accuracy": .double(ExpectedLabels.accuracy(ofClasses: try rows(golden, "proba")))]
        },
        GoldenSolver("nannyml", "cbpe_functions", solve: nannyML),
        GoldenSolver("slices", "slice_effect_size", solve: slices),
    ]

    private static func rows(_ golden: GoldenCase, _ name: String) throws -> [[Double]] {
        try golden.input(name).arrayValue?.map { $0.arrayValue?.map(\.number) ?? [] } ?? []
    }

    private static func classes(_ golden: GoldenCase) throws -> JSON {
        let scored = ScoredClasses(
            labels: try golden.numbers("y").map { Int($0) }, probabilities: try rows(golden, "proba"),
            weights: try? golden.numbers("weight"))
        let confusion = scored.confusion
        let counts = (0..<confusion.classes).map { truth in
            JSON.numbers((0..<confusion.classes).map { confusion.count(truth: truth, prediction: $0) })
        }
        var answer: [(String, JSON)] = [
            ("confusion", .array(counts)), ("accuracy", .double(confusion.accuracy)),
            ("mcc", .double(confusion.matthewsCorrelation)), ("kappa", .double(confusion.cohenKappa())),
            ("kappa_quadratic", .double(confusion.cohenKappa(.quadratic))),
            ("balanced_accuracy", .double(confusion.balancedAccuracy)), ("log_loss", .double(scored.logLoss)),
            ("top2", .double(scored.topAccuracy(2))), ("brier_multiclass", .double(scored.brierScore)),
            ("auc_ovr_macro", .double(scored.rocAUCOneVersusRest())),
            ("auc_ovr_weighted", .double(scored.rocAUCOneVersusRest(isWeighted: true))),
            ("auc_ovo_macro", .double(scored.rocAUCOneVersusOne())),
            ("auc_ovo_weighted", .double(scored.rocAUCOneVersusOne(isWeighted: true))),
            ("f1_per_class", .numbers((0..<confusion.classes).map { confusion.binary($0).fScore() })),
        ]
        let averages: [(String, ClassConfusion.Average)] = [
            ("macro", .macro), ("micro", .micro), ("weighted", .weighted),
        ]
        for (name, average) in averages {
            answer += [
                ("precision_\(name)", .double(confusion.average(average, of: \.precision))),
                ("recall_\(name)", .double(confusion.average(average, of: \.recall))),
                ("f1_\(name)", .double(confusion.average(average) { $0.fScore() })),
                ("f2_\(name)", .double(confusion.average(average) { $0.fScore(beta: 2) })),
            ]
        }
        return .members(answer)
    }

    private static func ranking(_ golden: GoldenCase) throws -> JSON {
        let lists = zip(try rows(golden, "rel"), try rows(golden, "score")).map {
            RankedList(relevances: $0, scores: $1)
        }
        let k = Int(try golden.parameter("k"))
        func mean(_ value: (RankedList) -> Double) -> JSON {
            .double(lists.reduce(0) { $0 + value($1) } / Double(lists.count))
        }
        return [
            "ndcg": mean { $0.normalizedGain(k) }, "ndcg_exp": mean { $0.normalizedGain(k, .exponential) },
            "hit_rate": mean { $0.isHit(k, level: 2) ? 1 : 0 }, "mrr": mean { $0.reciprocalRank(k, level: 2) },
            "map": mean { $0.averagePrecision(k, level: 2) },
        ]
    }

    private static func expectedLabels(_ golden: GoldenCase) throws -> ExpectedLabels {
        ExpectedLabels(scores: try golden.numbers("score"), threshold: try golden.parameter("threshold"))
    }

    private static func expected(_ golden: GoldenCase) throws -> JSON {
        let expected = try expectedLabels(golden)
        let matrix = expected.confusion
        return [
            "tp": .double(matrix.truePositives), "fp": .double(matrix.falsePositives),
            "fn": .double(matrix.falseNegatives), "tn": .double(matrix.trueNegatives),
            "accuracy": .double(matrix.accuracy), "precision": .double(matrix.precision),
            "recall": .double(matrix.recall), "f1": .double(matrix.fScore()), "f2": .double(matrix.fScore(beta: 2)),
            "specificity": .double(matrix.specificity), "roc_auc": .double(expected.weightedLabels.rocAUC),
        ]
    }

    private static func nannyML(_ golden: GoldenCase) throws -> JSON {
        let expected = try expectedLabels(golden)
        let (matrix, areas) = (expected.confusion, NannyMLExpectedAreas(expected))
        // The case does not give its matrix; it is that of the case of business value.
        let value = matrix.value(truePositive: 12, falsePositive: -3, falseNegative: -20, trueNegative: 0.5)
        return [
            "estimate_accuracy": .double(matrix.accuracy), "estimate_ap": .double(areas.averagePrecision),
            "estimate_business_value": .double(value), "estimate_f1": .double(matrix.fScore()),
            "estimate_precision": .double(matrix.precision), "estimate_recall": .double(matrix.recall),
            "estimate_roc_auc": .double(areas.rocAUC), "estimate_specificity": .double(matrix.specificity),
        ]
    }

    private static func slices(_ golden: GoldenCase) throws -> JSON {
        let labels = try golden.numbers("y").map { $0 == 1 }
        let losses = zip(labels, try golden.numbers("score")).map { label, score in
            ScoredLabels(labels: [label], scores: [score]).logLoss
        }
        let groups = try golden.input("group").arrayValue?.map { $0.stringValue ?? $0.text } ?? []
        return .members(
            Set(groups).sorted().map { name in
                let inside = Moments(zip(groups, losses).filter { $0.0 == name }.map(\.1))
                let outside = Moments(zip(groups, losses).filter { $0.0 != name }.map(\.1))
                let slice = SliceLoss(inside: inside, outside: outside)
                return (
                    name,
                    [
                        "n": .count(inside.count), "mean_loss": .double(inside.mean),
                        "rest_loss": .double(outside.mean), "effect_size": .double(slice.effectSize),
                        "t": .double(slice.t), "pvalue_greater": .double(slice.pValueGreater),
                    ]
                )
            })
    }
}
