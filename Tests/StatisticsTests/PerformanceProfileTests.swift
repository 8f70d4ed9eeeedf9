import TestSupport
import Testing

@testable import Statistics

@Suite struct PerformanceProfileTests {
    /// A row of each kind of model, made from chance.
    private static func profiles(_ count: Int, seed: UInt64) -> [PerformanceProfile] {
        var random = SeededNumbers(seed: seed)
        var (binary, classes, errors, ranking) = (
            BinaryTally(), ClassTally(classes: ["a", "b", "c"]), ErrorTally(), RankingTally()
        )
        for _ in 0..<count {
            let score = (random.uniform() * 100).rounded() / 100
            let weight = 1 + (random.uniform() * 3).rounded()
            binary.add(
                isPositive: random.uniform() < score, isPredictedPositive: score >= 0.5, score: score, weight: weight)
            let shares = (0..<3).map { _ in random.uniform() + 0.01 }
            classes.add(
                label: Int(random.uniform() * 3), prediction: ScoredClasses.decision(shares), probabilities: shares,
                weight: weight)
            let truth = random.uniform() * 10
            errors.add(truth: truth, prediction: truth + random.uniform(), weight: weight)
            ranking.add(
                RankedList(
                    relevances: (0..<8).map { _ in (random.uniform() * 3).rounded() },
                    scores: (0..<8).map { _ in random.uniform() }), level: 2)
        }
        return [.binary(binary), .classes(classes), .errors(errors), .ranking(ranking)]
    }

    private static let names =
        [
            "f1", "f0.5", "accuracy", "precision", "recall", "specificity", "fpr", "fnr", "npv", "mcc", "kappa",
            "balanced_accuracy", "jaccard", "youden_j", "roc_auc", "gini", "ks", "average_precision", "log_loss",
            "brier", "ece", "mce", "lift_10",
        ] + ["kappa_quadratic", "top_2", "f2_macro", "recall_micro", "precision_weighted", "roc_auc_ovr"]
        + ["roc_auc_ovo_weighted", "mse", "rmse", "mae", "medae", "mape", "smape", "wape", "r2", "explained_variance"]
        + ["max_error", "msle", "rmsle", "bias", "pinball_10", "pinball_90", "poisson_deviance", "gamma_deviance"]
        + ["tweedie_deviance", "huber", "d2_absolute", "correlation", "ndcg_5", "ndcg_exp_5", "hit_rate_3", "mrr_10"]
        + ["map_10"]

    @Test func mergingGivesWhatOnePassGives() throws {
        var (parts, other) = (Self.profiles(0, seed: 1), Self.profiles(0, seed: 1))
        // The same rows: once in four parts, once in one.
        for seed in 1...4 {
            for index in parts.indices { parts[index].merge(Self.profiles(50, seed: UInt64(seed))[index]) }
        }
        for seed in (1...4).reversed() {
            for index in other.indices { other[index].merge(Self.profiles(50, seed: UInt64(seed))[index]) }
        }
        var compared = 0
        for (a, b) in zip(parts, other) {
            for name in Self.names {
                let metric = try #require(PerformanceMetric(name), "\(name)")
                guard let one = a.estimate(metric), let two = b.estimate(metric) else { continue }
                compared += 1
                #expect(abs(one.value - two.value) <= 1e-9 * max(1, abs(one.value)), "\(name)")
                #expect(abs((one.standardError ?? 0) - (two.standardError ?? 0)) <= 1e-9, "\(name)")
            }
        }
        #expect(compared >= 60)
    }

    @Test func numbersBringAProfileBack() throws {
        for profile in Self.profiles(60, seed: 7) {
            #expect(PerformanceProfile(numbers: profile.numbers, classes: profile.classes) == profile)
            #expect(PerformanceProfile(numbers: profile.numbers.dropLast(), classes: profile.classes) == nil)
        }
        #expect(PerformanceProfile(numbers: [], classes: []) == nil)
        #expect(PerformanceProfile(numbers: [1, 2, 3], classes: []) == nil)
    }

    @Test func theAreaIsExactForScoresOfThreeDecimals() throws {
        var random = SeededNumbers(seed: 3)
        let scores = (0..<500).map { _ in (random.uniform() * 1000).rounded() / 1000 }
        let labels = scores.map { random.uniform() < $0 }
        var tally = BinaryTally()
        for (label, score) in zip(labels, scores) {
            tally.add(isPositive: label, isPredictedPositive: score >= 0.5, score: score)
        }
        let exact = ScoredLabels(labels: labels, scores: scores)
        let area = try #require(tally.scores.rocAUC)
        #expect(abs(area.value - exact.rocAUC) < 1e-12)
        #expect(area.errorBound == 0)
        let precision = try #require(tally.scores.averagePrecision)
        #expect(abs(precision.value - exact.averagePrecision) < 1e-12)
        #expect(abs((tally.logLoss.estimate?.value ?? 0) - exact.logLoss) < 1e-12)
        let calibration = Calibration(exact, binning: .equalWidth)
        #expect(abs((tally.calibrationError(isWidest: false)?.value ?? 0) - calibration.expectedError) < 1e-12)
    }

    @Test func theAreaOfFinerScoresIsWithinItsBound() throws {
        var random = SeededNumbers(seed: 4)
        // All within a few thousandths, where bins hide most of the order.
        let scores = (0..<400).map { _ in 0.5 + random.uniform() * 0.003 }
        let labels = scores.map { random.uniform() < ($0 - 0.5) / 0.003 }
        var tally = BinaryTally()
        for (label, score) in zip(labels, scores) {
            tally.add(isPositive: label, isPredictedPositive: true, score: score)
        }
        let area = try #require(tally.scores.rocAUC)
        let exact = ScoredLabels(labels: labels, scores: scores).rocAUC
        #expect(area.errorBound > 0.01)
        #expect(abs(area.value - exact) <= area.errorBound)
    }

    @Test func intervalsCoverTheTruthAboutAsOftenAsTheySay() throws {
        // Scores are calibrated by design: precision above 0.5 is 0.75, recall 0.75, the area 5/6.
        let truths = ["precision": 0.75, "recall": 0.75, "f1": 0.75, "accuracy": 0.75, "roc_auc": 5.0 / 6]
        var covered: [String: Int] = [:]
        let trials = 200
        for trial in 0..<trials {
            var random = SeededNumbers(seed: UInt64(trial) + 100)
            var tally = BinaryTally()
            for _ in 0..<150 {
                let score = random.uniform()
                tally.add(isPositive: random.uniform() < score, isPredictedPositive: score >= 0.5, score: score)
            }
            for (name, truth) in truths {
                let metric = try #require(PerformanceMetric(name))
                let interval = try #require(PerformanceProfile.binary(tally).estimate(metric)?.interval)
                if interval.contains(truth) { covered[name, default: 0] += 1 }
            }
        }
        for (name, count) in covered {
            #expect(Double(count) / Double(trials) > 0.89, "\(name): \(count) of \(trials)")
        }
        #expect(covered.count == truths.count)
    }

    @Test func profilesOfOtherModelsAreNotMerged() {
        var binary = PerformanceProfile.binary(BinaryTally())
        let mixed = binary.merge(.errors(ErrorTally()))
        var classes = PerformanceProfile.classes(ClassTally(classes: ["a"]))
        let renamed = classes.merge(.classes(ClassTally(classes: ["a", "b"])))
        #expect(!mixed && !renamed)
    }

    @Test(arguments: ["f", "f-1", "finf", "top_0", "top_99", "ndcg_7", "recall_mean", "mae_macro", "", "_", "lift_101"])
    func unknownNamesStandForNothing(_ name: String) {
        #expect(PerformanceMetric(name) == nil)
    }

    @Test func errorsAgreeWithThoseOfWholeColumns() throws {
        var random = SeededNumbers(seed: 9)
        let truths = (0..<300).map { _ in 1 + random.uniform() * 100 }
        let predictions = truths.map { $0 * (0.8 + random.uniform() * 0.5) }
        var tally = ErrorTally()
        for (truth, prediction) in zip(truths, predictions) { tally.add(truth: truth, prediction: prediction) }
        let whole = RegressionErrors(truths: truths, predictions: predictions)
        let exact = [
            "mse": whole.meanSquared, "mae": whole.meanAbsolute, "rmse": whole.rootMeanSquared, "r2": whole.rSquared,
            "mape": whole.meanAbsolutePercentage, "smape": whole.symmetricPercentage,
            "wape": whole.weightedPercentage, "explained_variance": whole.explainedVariance,
            "max_error": whole.maximum, "msle": whole.meanSquaredLogarithmic, "bias": whole.bias,
            "pinball_90": whole.pinball(0.9), "pinball_10": whole.pinball(0.1),
            "poisson_deviance": whole.tweedieDeviance(power: 1), "gamma_deviance": whole.tweedieDeviance(power: 2),
            "tweedie_deviance": whole.tweedieDeviance(power: 1.5), "huber": whole.huber(delta: 1),
            "correlation": whole.correlation,
        ]
        for (name, value) in exact {
            let metric = try #require(PerformanceMetric(name))
            let estimate = try #require(PerformanceProfile.errors(tally).estimate(metric))
            #expect(abs(estimate.value - value) < 1e-9 * max(1, abs(value)), "\(name)")
        }
        let median = try #require(PerformanceMetric("medae").flatMap { PerformanceProfile.errors(tally).estimate($0) })
        #expect(abs(median.value / whole.medianAbsolute - 1) < 0.03)
        let skill = try #require(
            PerformanceMetric("d2_absolute").flatMap { PerformanceProfile.errors(tally).estimate($0) })
        #expect(abs(skill.value - whole.absoluteSkill) < 0.01)
    }
}
