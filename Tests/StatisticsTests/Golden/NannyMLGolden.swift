import Statistics
import Wire

enum NannyMLGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver(
            "nannyml", "jensen_shannon", "kolmogorov_smirnov", "wasserstein", "hellinger", "chi2", "l_infinity"
        ) { golden in
            guard let method = NannyMLMethod(rawValue: golden.method) else { return .null }
            let verdict = try NannyMLDrift(reference: golden.column("ref"), method: method)
                .verdict(golden.column("cur"))
            let upper = verdict.thresholds.upper
            return [
                "value": .double(verdict.value), "upper": upper.map { .double($0) } ?? .null,
                "alert": .bool(verdict.isDrifted),
            ]
        },
        GoldenSolver("threshold", "std_band") { golden in
            let values = try golden.numbers("values")
            let band = ThresholdBand(values, deviations: try golden.parameter("k"))
            return [
                "lower": .double(band.lower ?? .nan), "upper": .double(band.upper ?? .nan),
                "std_pop": .double(Moments(values).populationDeviation),
            ]
        },
    ]
}
