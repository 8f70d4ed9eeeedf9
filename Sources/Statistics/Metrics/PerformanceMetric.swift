/// A measure of a model's quality by its name, such as `f1`, `f0.5`, `recall`, `roc_auc`, `top_3`, `recall_macro`, `mae`,
/// `pinball_90`, `ndcg_10`.
package struct PerformanceMetric: Sendable, Hashable {
    /// What the names stand for.
    enum Kind: Sendable, Hashable {
        case accuracy, balancedAccuracy, precision, recall, specificity, falsePositiveRate, falseNegativeRate
        case negativePredictiveValue, matthews, kappa, quadraticKappa, jaccard, youden, positiveRate
        case fScore(beta: Double)
        case rocAUC, gini, kolmogorovSmirnov, averagePrecision, logLoss, brier, calibration(isWidest: Bool)
        case lift(percent: Int)
        case top(Int)
        case oneVersusRest(isWeighted: Bool), oneVersusOne(isWeighted: Bool)
        indirect case averaged(Kind, ClassConfusion.Average)
        case loss(ErrorTally.Loss), rootSquared, rootSquaredLogarithmic, medianAbsolute, weightedPercentage, rSquared
        case explainedVariance, maximumError, absoluteSkill, correlation
        case ranking(RankingTally.Measure, Int)
    }

    package let name: String
    let kind: Kind

    /// Nil for a name that stands for nothing.
    package init?(_ name: String) {
        guard let kind = Self.kind(of: name) else { return nil }
        self.name = name
        self.kind = kind
    }

    /// Whether a higher value is a better one. Of a bias neither is: it is judged by its size.
    package var isHigherBetter: Bool {
        switch kind {
        case .falsePositiveRate, .falseNegativeRate, .logLoss, .brier, .calibration, .loss, .rootSquared,
            .rootSquaredLogarithmic, .medianAbsolute, .weightedPercentage, .maximumError:
            false
        case .averaged(let inner, _):
            inner != .falsePositiveRate && inner != .falseNegativeRate
        default: true
        }
    }

    /// Whether it is a share or an index of at most 1, where a difference means the same for every model.
    package var isBounded: Bool {
        switch kind {
        case .logLoss, .loss, .rootSquared, .rootSquaredLogarithmic, .medianAbsolute, .maximumError, .lift: false
        default: true
        }
    }

    private static let words: [String: Kind] = [
        "accuracy": .accuracy, "balanced_accuracy": .balancedAccuracy, "precision": .precision, "recall": .recall,
        "specificity": .specificity, "fpr": .falsePositiveRate, "fnr": .falseNegativeRate,
        "npv": .negativePredictiveValue, "mcc": .matthews, "kappa": .kappa, "kappa_quadratic": .quadraticKappa,
        "jaccard": .jaccard, "youden_j": .youden, "positive_rate": .positiveRate, "roc_auc": .rocAUC, "gini": .gini,
        "ks": .kolmogorovSmirnov, "average_precision": .averagePrecision, "log_loss": .logLoss, "brier": .brier,
        "ece": .calibration(isWidest: false), "mce": .calibration(isWidest: true),
        "roc_auc_ovr": .oneVersusRest(isWeighted: false), "roc_auc_ovr_weighted": .oneVersusRest(isWeighted: true),
        "roc_auc_ovo": .oneVersusOne(isWeighted: false), "roc_auc_ovo_weighted": .oneVersusOne(isWeighted: true),
        "mse": .loss(.squared), "rmse": .rootSquared, "mae": .loss(.absolute), "medae": .medianAbsolute,
        "mape": .loss(.absolutePercentage), "smape": .loss(.symmetricPercentage), "wape": .weightedPercentage,
        "r2": .rSquared, "explained_variance": .explainedVariance, "max_error": .maximumError,
        "msle": .loss(.squaredLogarithmic), "rmsle": .rootSquaredLogarithmic, "bias": .loss(.error),
        "pinball_10": .loss(.pinball10), "pinball_90": .loss(.pinball90), "poisson_deviance": .loss(.poisson),
        "gamma_deviance": .loss(.gamma), "tweedie_deviance": .loss(.tweedie15), "huber": .loss(.huber),
        "d2_absolute": .absoluteSkill, "correlation": .correlation,
    ]

    private static let averages: [String: ClassConfusion.Average] = [
        "macro": .macro, "micro": .micro, "weighted": .weighted,
    ]

    private static let rankings: [String: RankingTally.Measure] = [
        "ndcg": .gain, "ndcg_exp": .exponentialGain, "hit_rate": .hitRate, "mrr": .reciprocalRank,
        "map": .averagePrecision,
    ]

    /// All names without a number of their own, and the shapes of those with one: for complaints.
    package static var known: [String] {
        words.keys.sorted() + ["f<beta>", "lift_<percent>", "top_<k>"]
            + ["precision", "recall", "f<beta>"].flatMap { name in averages.keys.sorted().map { "\(name)_\($0)" } }
            + rankings.keys.sorted().map { "\($0)_<k>" }
    }

    private static func kind(of name: String) -> Kind? {
        if let kind = words[name] { return kind }
        if name.hasPrefix("f"), let beta = Double(name.dropFirst()), beta >= 0, beta.isFinite {
            return .fScore(beta: beta)
        }
        guard let split = name.lastIndex(of: "_") else { return nil }
        let (head, tail) = (String(name[..<split]), String(name[name.index(after: split)...]))
        if let average = averages[tail], let inner = kind(of: head) {
            switch inner {
            case .precision, .recall, .specificity, .falsePositiveRate, .falseNegativeRate, .fScore, .jaccard:
                return .averaged(inner, average)
            default: return nil
            }
        }
        guard let number = Int(tail), number > 0 else { return nil }
        if let measure = rankings[head] {
            return RankingTally.lengths.contains(number) ? .ranking(measure, number) : nil
        }
        if head == "top" { return number <= ClassTally.maximumPlace ? .top(number) : nil }
        return head == "lift" && number <= 100 ? .lift(percent: number) : nil
    }
}

extension PerformanceMetric.Kind {
    /// As a measure of two-class decisions.
    var ofDecisions: ((ConfusionMatrix) -> Double)? {
        switch self {
        case .accuracy: \.accuracy
        case .balancedAccuracy: \.balancedAccuracy
        case .precision: \.precision
        case .recall: \.recall
        case .specificity: \.specificity
        case .falsePositiveRate: \.falsePositiveRate
        case .falseNegativeRate: \.falseNegativeRate
        case .negativePredictiveValue: \.negativePredictiveValue
        case .matthews: \.matthewsCorrelation
        case .kappa: \.cohenKappa
        case .jaccard: \.jaccard
        case .youden: \.youdenJ
        case .positiveRate: { $0.total > 0 ? $0.positives / $0.total : 0 }
        case .fScore(let beta): { $0.fScore(beta: beta) }
        default: nil
        }
    }

    /// Of which counts a share is made, and out of which: those have Wilson's interval.
    var share: ((ConfusionMatrix) -> (part: Double, whole: Double))? {
        switch self {
        case .accuracy: { ($0.truePositives + $0.trueNegatives, $0.total) }
        case .precision: { ($0.truePositives, $0.truePositives + $0.falsePositives) }
        case .recall: { ($0.truePositives, $0.positives) }
        case .specificity: { ($0.trueNegatives, $0.negatives) }
        case .falsePositiveRate: { ($0.falsePositives, $0.negatives) }
        case .falseNegativeRate: { ($0.falseNegatives, $0.positives) }
        case .negativePredictiveValue: { ($0.trueNegatives, $0.trueNegatives + $0.falseNegatives) }
        case .positiveRate: { ($0.positives, $0.total) }
        default: nil
        }
    }
}

extension ConfusionMatrix {
    /// A measure of decisions with its interval: nil when it divides by nothing.
    func estimate(_ kind: PerformanceMetric.Kind, rows: Double) -> MetricEstimate? {
        if let share = kind.share?(self) {
            return .share(share.part, of: share.whole, effectiveRows: rows * share.whole / max(total, 1e-300))
        }
        guard let measure = kind.ofDecisions else { return nil }
        let isSigned = [.matthews, .kappa, .youden].contains(kind)
        return estimate(rows: rows, within: isSigned ? -1...1 : 0...1, measure)
    }
}

extension BinaryTally {
    func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        switch metric.kind {
        case .rocAUC: scores.rocAUC
        case .gini: scores.rocAUC?.scaled(by: 2, plus: -1)
        case .kolmogorovSmirnov: scores.kolmogorovSmirnov
        case .averagePrecision: scores.averagePrecision
        case .lift(let percent): scores.lift(Double(percent) / 100)
        case .logLoss: logLoss.estimate
        case .brier: brierScore.estimate
        case .calibration(let isWidest): scores.bins.isEmpty ? nil : calibrationError(isWidest: isWidest)
        default: confusion.estimate(metric.kind, rows: effectiveRows)
        }
    }
}

extension ClassTally {
    func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        let rows = effectiveRows
        switch metric.kind {
        case .accuracy:
            let total = confusion.total
            return .share(confusion.accuracy * total, of: total, effectiveRows: rows)
        case .balancedAccuracy: return confusion.estimate(rows: rows, within: 0...1, \.balancedAccuracy)
        case .matthews: return confusion.estimate(rows: rows, within: -1...1, \.matthewsCorrelation)
        case .kappa: return confusion.estimate(rows: rows, within: -1...1) { $0.cohenKappa() }
        case .quadraticKappa: return confusion.estimate(rows: rows, within: -1...1) { $0.cohenKappa(.quadratic) }
        case .averaged(let inner, let average):
            guard let measure = inner.ofDecisions else { return nil }
            return confusion.estimate(rows: rows, within: 0...1) { $0.average(average, of: measure) }
        case .logLoss: return logLoss.estimate
        case .brier: return brierScore.estimate
        case .top(let count): return topAccuracy(count)
        case .oneVersusRest(let isWeighted): return rocAUC(byPairs: false, isWeighted: isWeighted)
        case .oneVersusOne(let isWeighted): return rocAUC(byPairs: true, isWeighted: isWeighted)
        default: return nil
        }
    }
}

extension RankingTally {
    func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        guard case .ranking(let measure, let k) = metric.kind else { return nil }
        return estimate(measure, k)
    }
}

extension ErrorTally {
    func estimate(_ metric: PerformanceMetric) -> MetricEstimate? {
        switch metric.kind {
        case .loss(let loss): return sum(loss).estimate
        case .rootSquared: return root(.squared)
        case .rootSquaredLogarithmic: return root(.squaredLogarithmic)
        case .medianAbsolute:
            return rows > 0 ? MetricEstimate(absoluteErrors.median, standardError: medianError, rows: rows) : nil
        case .weightedPercentage:
            let scale = sum(.absoluteTruth).mean
            return scale > 0 ? sum(.absolute).estimate?.scaled(by: 1 / scale, plus: 0) : nil
        case .rSquared: return skill(sum(.squared), against: sum(.truth).populationVariance)
        case .explainedVariance:
            guard let skill = skill(sum(.squared), against: sum(.truth).populationVariance) else { return nil }
            let value = 1 - sum(.error).populationVariance / sum(.truth).populationVariance
            return MetricEstimate(value, standardError: skill.standardError, rows: rows)
        case .maximumError: return rows > 0 ? MetricEstimate(maximum, standardError: nil, rows: rows) : nil
        case .absoluteSkill: return skill(sum(.absolute), against: truths.meanDistance(from: truths.median))
        case .correlation: return correlation
        default: return nil
        }
    }

    /// Of the median |error|, as if it varied as its mean does: 1.25 of the mean's, which is exact for a normal law.
    private var medianError: Double? { sum(.absolute).standardError.map { 1.2533 * $0 } }
}
