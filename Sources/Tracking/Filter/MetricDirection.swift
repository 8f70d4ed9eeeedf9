/// Whether a metric is better when it is smaller or when it is greater, as its name says.
package enum MetricDirection: Sendable, Hashable {
    case smallerIsBetter, greaterIsBetter

    /// Last words of the names of metrics that are better when they are smaller.
    private static let costs: Set<String> = [
        // Losses.
        "loss", "losses", "logloss", "nll", "crossentropy", "entropy", "hinge", "deviance", "perplexity", "ppl",
        "brier",
        "regret", "cost", "divergence",
        // Errors.
        "error", "errors", "err", "mae", "mse", "rmse", "msle", "rmsle", "mape", "smape", "wape", "mase", "l1", "l2",
        "wer",
        "cer", "eer", "fpr", "fnr", "fid", "residual", "residuals", "bias", "distance",
        // Time and room.
        "latency", "time", "duration", "seconds", "secs", "ms", "memory", "size",
    ]

    /// Reads the last word of a key, in any case; words of digits alone and digits at its end do not count, so that
    /// `val_RMSE_3` is an RMSE. A word `neg`, as scikit-learn's scorers have, turns it round: `neg_log_loss` is better when
    /// it is greater.
    package init(ofKey key: String) {
        let words = key.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { !$0.allSatisfy(\.isNumber) }
        let last = words.last.map(String.init) ?? ""
        let stem = last.reversed().drop(while: \.isNumber).reversed()
        let isCost = Self.costs.contains(last) || Self.costs.contains(String(stem))
        self = isCost && !words.contains("neg") ? .smallerIsBetter : .greaterIsBetter
    }

    /// The best value of a history.
    package var best: SearchField.Aggregate {
        switch self {
        case .smallerIsBetter: .min
        case .greaterIsBetter: .max
        }
    }
}
