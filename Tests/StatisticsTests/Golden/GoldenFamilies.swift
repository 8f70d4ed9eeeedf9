import Wire

/// The solvers of one family of golden cases, or of several that share what they need: one file each.
protocol GoldenFamily: SendableMetatype {
    static var solvers: [GoldenSolver] { get }
}

/// Whoever computes more cases adds a type in a file of its own and its line here, in alphabetical order.
enum GoldenFamilies {
    static let all: [any GoldenFamily.Type] = [
        AlibiGolden.self,
        DistributionGolden.self,
        EvidentlyGolden.self,
        MetricGolden.self,
        MultivariateGolden.self,
        NannyMLGolden.self,
        PerformanceGolden.self,
        SequentialGolden.self,
        SketchGolden.self,
        TwoSampleGolden.self,
    ]

    /// Families all of whose cases must be computed, so that a family cannot quietly drop out.
    static let complete: Set = [
        "association",
        "binning",
        "categorical",
        "drift_hist",
        "evidently",
        "metrics_binary",
        "metrics_multiclass",
        "metrics_ranking",
        "metrics_regression",
        "moments",
        "multiplicity",
        "multivariate",
        "nannyml",
        "no_label",
        "outlier",
        "proportion",
        "quantile",
        "sequential",
        "sketch",
        "slices",
        "threshold",
        "two_sample",
    ]
}

/// Computes the answers of some methods of one family.
struct GoldenSolver: Sendable {
    let family: String
    let methods: Set<String>
    let solve: @Sendable (GoldenCase) throws -> JSON

    init(_ family: String, _ methods: String..., solve: @escaping @Sendable (GoldenCase) throws -> JSON) {
        self.family = family
        self.methods = Set(methods)
        self.solve = solve
    }
}
