/// The tests of Evidently 0.7.23, by its names for them.
package enum EvidentlyTest: String, Sendable, CaseIterable {
    case kolmogorovSmirnov = "ks"
    case wasserstein
    case stabilityIndex = "psi"
    case jensenShannon = "jensenshannon"
    case kullbackLeibler = "kl_div"
    case hellinger
    case andersonDarling = "anderson"
    case cramerVonMises = "cramer_von_mises"
    case energy = "ed"
    case mannWhitney = "mannw"
    case eppsSingleton = "es"
    case student = "t_test"
    case chiSquare = "chisquare"
    case proportions = "z"
    case totalVariation = "TVD"
    case fisher = "fisher_exact"
    case likelihoodRatio = "g_test"

    /// As Evidently's reports say it.
    package var displayName: String {
        switch self {
        case .kolmogorovSmirnov: "K-S p_value"
        case .wasserstein: "Wasserstein distance (normed)"
        case .stabilityIndex: "PSI"
        case .jensenShannon: "Jensen-Shannon distance"
        case .kullbackLeibler: "Kullback-Leibler divergence"
        case .hellinger: "Hellinger distance"
        case .andersonDarling: "Anderson-Darling"
        case .cramerVonMises: "Cramer-von Mises"
        case .energy: "Energy-distance"
        case .mannWhitney: "Mann-Whitney U-rank test"
        case .eppsSingleton: "Epps-Singleton"
        case .student: "t_test"
        case .chiSquare: "chi-square p_value"
        case .proportions: "Z-test p_value"
        case .totalVariation: "Total-Variation-Distance"
        case .fisher: "Fisher's Exact test"
        case .likelihoodRatio: "g_test"
        }
    }

    package var defaultThreshold: Double {
        switch self {
        case .kolmogorovSmirnov, .mannWhitney, .eppsSingleton, .student, .chiSquare, .proportions: 0.05
        default: 0.1
        }
    }

    /// Whether the score is a distance, which drifts when it is large; the others are p-values, which drift when small.
    package var isDistance: Bool {
        switch self {
        case .wasserstein, .stabilityIndex, .jensenShannon, .kullbackLeibler, .hellinger, .energy: true
        default: false
        }
    }

    /// Whether numbers are needed; the tests of categories take numbers too, by value.
    package var needsNumbers: Bool {
        switch self {
        case .stabilityIndex, .jensenShannon, .kullbackLeibler, .hellinger: false
        case .chiSquare, .proportions, .totalVariation, .fisher, .likelihoodRatio: false
        default: true
        }
    }

    /// The test that Evidently takes by itself, from the size of the reference alone and the distinct values of both sides
    /// (missing ones aside).
    package static func chosen(_ type: EvidentlyColumnType, referenceRows: Int, distinctValues: Int) -> EvidentlyTest? {
        guard type != .text else { return nil }
        let isContinuous = type == .numerical && distinctValues > 5
        if referenceRows > 1_000 { return isContinuous ? .wasserstein : .jensenShannon }
        if isContinuous { return .kolmogorovSmirnov }
        return distinctValues > 2 ? .chiSquare : .proportions
    }

    /// Whether a score means drift; at the threshold itself it depends on the test.
    package func isDrift(_ score: Double, threshold: Double) -> Bool {
        switch self {
        case .energy: score > threshold
        case .kolmogorovSmirnov, .cramerVonMises: score <= threshold
        default: isDistance ? score >= threshold : score < threshold
        }
    }
}

/// The kinds of columns that Evidently tells apart.
package enum EvidentlyColumnType: String, Sendable {
    case numerical = "num"
    case categorical = "cat"
    case text

    /// As Evidently infers it: integers with ten distinct values or fewer are categories, and so is text unless more than half
    /// of its values differ.
    package init(_ column: RawColumn) {
        switch column {
        case .decimals: self = .numerical
        case .integers: self = column.distinctCount(upTo: 10) <= 10 ? .categorical : .numerical
        case .categories(let codes, _):
            let present = codes.count { $0 >= 0 }
            self = 2 * column.distinctCount() > present ? .text : .categorical
        }
    }
}
