/// The univariate methods of NannyML 0.13.1, by its names for them.
package enum NannyMLMethod: String, Sendable, CaseIterable {
    case jensenShannon = "jensen_shannon"
    case kolmogorovSmirnov = "kolmogorov_smirnov"
    case wasserstein
    case hellinger
    case chiSquare = "chi2"
    case largestDifference = "l_infinity"

    package var displayName: String {
        switch self {
        case .jensenShannon: "Jensen-Shannon distance"
        case .kolmogorovSmirnov: "Kolmogorov-Smirnov statistic"
        case .wasserstein: "Wasserstein distance"
        case .hellinger: "Hellinger distance"
        case .chiSquare: "Chi2 statistic"
        case .largestDifference: "L-Infinity distance"
        }
    }

    /// Whether the method takes columns of numbers, or of categories; the first and the fourth take both.
    package func takes(_ column: RawColumn) -> Bool {
        switch self {
        case .jensenShannon, .hellinger: true
        case .kolmogorovSmirnov, .wasserstein: column.numbers != nil
        case .chiSquare, .largestDifference: column.numbers == nil
        }
    }
}
