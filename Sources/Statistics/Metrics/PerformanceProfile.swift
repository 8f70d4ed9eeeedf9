/// What labelled rows add up to: all that measures of a model's quality need, without the rows. Profiles of minutes, slices
/// and servers merge into what one pass over all rows would give.
package enum PerformanceProfile: Sendable, Equatable {
    case binary(BinaryTally)
    case classes(ClassTally)
    case errors(ErrorTally)
    case ranking(RankingTally)

    /// Labelled rows, or lists; rows of unequal weight count as fewer.
    package var rows: Double {
        switch self {
        case .binary(let tally): tally.effectiveRows
        case .classes(let tally): tally.effectiveRows
        case .errors(let tally): tally.rows
        case .ranking(let tally): tally.sums.first?.effectiveRows ?? 0
        }
    }

    /// Adds what another profile counted.
    /// - Returns: false, and nothing is added, when it is of another kind of model or of other classes.
    @discardableResult
    package mutating func merge(_ other: PerformanceProfile) -> Bool {
        switch (self, other) {
        case (.binary(var tally), .binary(let more)):
            tally.merge(more)
            self = .binary(tally)
        case (.classes(var tally), .classes(let more)) where tally.classes == more.classes:
            tally.merge(more)
            self = .classes(tally)
        case (.errors(var tally), .errors(let more)):
            tally.merge(more)
            self = .errors(tally)
        case (.ranking(var tally), .ranking(let more)):
            tally.merge(more)
            self = .ranking(tally)
        default: return false
        }
        return true
    }

    /// A measure; nil when there are no rows for it, or models of this kind have no such measure.
    package func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        let estimate: MetricEstimate? =
            switch self {
            case .binary(let tally): tally.estimate(metric)
            case .classes(let tally): tally.estimate(metric)
            case .errors(let tally): tally.estimate(metric)
            case .ranking(let tally): tally.estimate(metric)
            }
        return estimate.flatMap { $0.value.isFinite ? $0 : nil }
    }

    /// The measures that are shown when nobody asks for others, the first one standing for the whole.
    package var standardMetrics: [PerformanceMetric] {
        let names =
            switch self {
            case .binary:
                [
                    "f1", "accuracy", "precision", "recall", "specificity", "roc_auc", "average_precision", "log_loss",
                    "brier", "ece", "mcc",
                ]
            case .classes:
                [
                    "accuracy", "f1_macro", "balanced_accuracy", "precision_macro", "recall_macro", "f1_weighted",
                    "roc_auc_ovr", "log_loss", "brier", "mcc", "kappa",
                ]
            case .errors: ["mae", "rmse", "r2", "mape", "smape", "wape", "medae", "bias", "max_error"]
            case .ranking: ["ndcg_10", "map_10", "mrr_10", "hit_rate_10"]
            }
        return names.compactMap(PerformanceMetric.init)
    }
}
