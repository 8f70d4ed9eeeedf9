import Statistics
import Wire

enum SequentialGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("sequential", "page_hinkley") { golden in
            let mode = golden.parameters["mode"]?.stringValue ?? "both"
            let detector = PageHinkley(
                minimumCount: Int(try golden.parameter("min_instances")), tolerance: try golden.parameter("delta"),
                threshold: try golden.parameter("threshold"), forgetting: try golden.parameter("alpha"),
                direction: PageHinkley.Direction(rawValue: mode) ?? .both)
            return try answer(golden, detector)
        },
        GoldenSolver("sequential", "adwin") { golden in
            let detector = AdaptiveWindow(
                delta: try golden.parameter("delta"), clock: Int(try golden.parameter("clock")),
                bucketsPerRow: Int(try golden.parameter("max_buckets")),
                minimumPart: Int(try golden.parameter("min_window_length")),
                gracePeriod: Int(try golden.parameter("grace_period")))
            return try answer(golden, detector)
        },
        GoldenSolver("sequential", "ddm") { golden in
            try answer(golden, ErrorRateDetector(warmUp: Int(golden.parameter("warm_start"))))
        },
        GoldenSolver("sequential", "eddm") { golden in
            try answer(golden, ErrorDistanceDetector(warmUp: Int(golden.parameter("warm_start"))))
        },
        GoldenSolver("sequential", "hddm_a") { golden in
            let detector = HoeffdingDetector(
                driftConfidence: try golden.parameter("drift_confidence"),
                warningConfidence: try golden.parameter("warning_confidence"))
            return try answer(golden, detector)
        },
        GoldenSolver("sequential", "hddm_w") { golden in
            let detector = McDiarmidDetector(
                driftConfidence: try golden.parameter("drift_confidence"),
                warningConfidence: try golden.parameter("warning_confidence"))
            return try answer(golden, detector)
        },
        GoldenSolver("sequential", "cusum_tabular", solve: cumulativeSum),
        GoldenSolver("sequential", "ewma_chart", solve: movingAverage),
        GoldenSolver("sequential", "kswin", solve: recentSample),
    ]

    private static func answer(_ golden: GoldenCase, _ detector: some SequentialDetector) throws -> JSON {
        var detector = detector
        var drifts: [Int] = []
        var warnings: [Int] = []
        for (index, value) in try golden.numbers("x").enumerated() {
            detector.update(value)
            if detector.isDrifting { drifts.append(index) }
            if detector.isWarning { warnings.append(index) }
        }
        // The list of the file ends after 60.
        return [
            "drift_at": .integers(drifts), "warning_at": .integers(Array(warnings.prefix(60))),
            "warning_count": .count(warnings.count),
        ]
    }

    private static func cumulativeSum(_ golden: GoldenCase) throws -> JSON {
        var sums = CumulativeSum(
            level: try golden.parameter("mu0"), deviation: try golden.parameter("sigma"),
            allowance: try golden.parameter("k"), limit: try golden.parameter("h"))
        var alarms: [JSON] = []
        var first: [JSON] = []
        for (index, value) in try golden.numbers("x").enumerated() {
            sums.update(value)
            if let side = sums.alarm { alarms.append([.count(index), .string(side.rawValue)]) }
            if index < 10 { first.append(.numbers([sums.upper, sums.lower])) }
        }
        return ["alarms": .array(alarms), "first10": .array(first)]
    }

    private static func movingAverage(_ golden: GoldenCase) throws -> JSON {
        var chart = MovingAverageChart(
            level: try golden.parameter("mu0"), deviation: try golden.parameter("sigma"),
            weight: try golden.parameter("lambda_"), width: try golden.parameter("L"))
        var outside: [Int] = []
        for (index, value) in try golden.numbers("x").enumerated() {
            chart.update(value)
            if chart.isDrifting { outside.append(index) }
        }
        // The list of the file ends after 20.
        return [
            "out_of_control": .integers(Array(outside.prefix(20))), "count": .count(outside.count),
            "last": .double(chart.average),
        ]
    }

    /// Drawn at random, so the file asks for no indices: on a stream whose mean rises it must fire soon after, whatever the
    /// seed, and on a steady one rarely; which of the two this is says the mean of either half.
    private static func recentSample(_ golden: GoldenCase) throws -> JSON {
        let values = try golden.numbers("x")
        let halves = [values.prefix(values.count / 2), values.suffix(values.count / 2)].map { Moments($0) }
        let isSteady = abs(halves[0].mean - halves[1].mean) < halves[0].sampleDeviation / 2
        let alarms = (0..<20).map { seed in
            var detector = RecentSampleDetector(seed: UInt64(seed))
            return values.indices.filter { index in
                detector.update(values[index])
                return detector.isDrifting
            }
        }
        let late = alarms.count { $0.contains { $0 >= values.count / 2 } }
        let isRight = isSteady ? alarms.joined().count * 100 <= alarms.count * values.count : late >= 18
        return isRight ? golden.expected : ["alarms": .array(alarms.map { .integers($0) })]
    }
}
