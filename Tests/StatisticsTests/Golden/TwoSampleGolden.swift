import Statistics
import Wire

enum TwoSampleGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("two_sample", "ks_asymp") { try kolmogorovSmirnov($0, law: .finite) },
        GoldenSolver("two_sample", "ks_asymp_series") { try kolmogorovSmirnov($0, law: .limit) },
        GoldenSolver("two_sample", "ks_exact") { try kolmogorovSmirnov($0, law: .exact) },
        GoldenSolver("two_sample", "ks_exact_less") { try kolmogorovSmirnov($0, .less, law: .exact) },
        GoldenSolver("two_sample", "ks_exact_greater") { try kolmogorovSmirnov($0, .greater, law: .exact) },
        GoldenSolver("two_sample", "wasserstein", solve: wasserstein),
        GoldenSolver("two_sample", "energy_distance") { golden in
            let (a, b) = try samples(golden)
            return ["distance": .double(SampleDistance.energy(a, b))]
        },
        GoldenSolver("two_sample", "mann_whitney_u") { golden in
            let (a, b) = try samples(golden)
            let test = MannWhitneyTest(a, b)
            return ["u1": .double(test.statistic), "pvalue": .double(test.pValue)]
        },
        GoldenSolver("two_sample", "welch_t") { golden in
            let (a, b) = try samples(golden)
            return json(TTest.welch(Moments(a), Moments(b)))
        },
        GoldenSolver("two_sample", "student_t") { golden in
            let (a, b) = try samples(golden)
            return json(TTest.student(Moments(a), Moments(b)))
        },
        GoldenSolver("two_sample", "levene_brown_forsythe") { golden in
            let (a, b) = try samples(golden)
            let test = LeveneTest(a, b)
            return json(test.statistic, test.pValue)
        },
        GoldenSolver("two_sample", "cvm_asymptotic") { golden in
            let (a, b) = try samples(golden)
            let test = CramerVonMisesTest(a, b, law: .limit)
            return json(test.statistic, test.pValue)
        },
        GoldenSolver("two_sample", "cvm_exact") { golden in
            let (a, b) = try samples(golden)
            let test = CramerVonMisesTest(a, b, law: .exact)
            return json(test.statistic, test.pValue)
        },
        GoldenSolver("two_sample", "epps_singleton") { golden in
            let (a, b) = try samples(golden)
            let points = golden.parameters["t"]?.arrayValue?.map(\.number) ?? [0.4, 0.8]
            let test = EppsSingletonTest(a, b, points: points)
            return json(test.statistic, test.pValue)
        },
        GoldenSolver("two_sample", "anderson_ksamp") { golden in
            let (a, b) = try samples(golden)
            let test = AndersonDarlingTest(a, b, ties: golden.parameters["midrank"] == true ? .midrank : .right)
            return [
                "statistic": .double(test.statistic), "pvalue": .double(test.pValue),
                "critical_values": .numbers(AndersonDarlingTest.criticalValues),
            ]
        },
    ]

    private static func json(_ statistic: Double, _ pValue: Double) -> JSON {
        ["statistic": .double(statistic), "pvalue": .double(pValue)]
    }

    static func samples(_ golden: GoldenCase) throws -> ([Double], [Double]) {
        (try golden.numbers("a"), try golden.numbers("b"))
    }

    private static func json(_ test: TTest) -> JSON {
        [
            "t": .double(test.statistic), "df": .double(test.degreesOfFreedom), "pvalue": .double(test.pValue),
        ]
    }

    private static func kolmogorovSmirnov(
        _ golden: GoldenCase, _ alternative: KolmogorovSmirnovTest.Alternative = .twoSided,
        law: KolmogorovSmirnovTest.Law
    ) throws -> JSON {
        let (a, b) = try samples(golden)
        let test = KolmogorovSmirnovTest(a, b, alternative: alternative, law: law)
        return [
            "statistic": .double(test.statistic), "pvalue": .double(test.pValue), "location": .double(test.location),
            "sign": .count(test.sign),
        ]
    }

    private static func wasserstein(_ golden: GoldenCase) throws -> JSON {
        let (a, b) = try samples(golden)
        let distance = SampleDistance.wasserstein(a, b)
        let moments = Moments(a)
        return [
            "distance": .double(distance),
            "normed_pop_std": .double(distance / max(moments.populationDeviation, 0.001)),
            "normed_sample_std": .double(distance / max(moments.sampleDeviation, 0.001)),
        ]
    }
}
