// Profiles as plain numbers, for whoever stores them. The order of the numbers is the format: it is only ever extended by a
// new first number.

/// Numbers read one after the other; nil behind the last.
private struct NumberReader {
    private let numbers: [Double]
    private var next = 0

    init(_ numbers: [Double]) {
        self.numbers = numbers
    }

    mutating func number() -> Double? {
        guard next < numbers.count else { return nil }
        defer { next += 1 }
        return numbers[next]
    }

    /// A number of things that follow: never more than there are numbers left.
    mutating func count() -> Int? {
        number().flatMap { Int(exactly: $0) }.flatMap { (0...(numbers.count - next)).contains($0) ? $0 : nil }
    }

    mutating func list(_ count: Int) -> [Double]? {
        guard count >= 0, next + count <= numbers.count else { return nil }
        defer { next += count }
        return Array(numbers[next..<(next + count)])
    }

    mutating func loss() -> LossSum? {
        list(4).map { LossSum(weight: $0[0], squaredWeight: $0[1], mean: $0[2], m2: $0[3]) }
    }

    mutating func losses(_ count: Int) -> [LossSum]? {
        var sums: [LossSum] = []
        for _ in 0..<count {
            guard let sum = loss() else { return nil }
            sums.append(sum)
        }
        return sums
    }

    mutating func scores() -> ScoreHistogram? {
        guard let isFine = number(), let count = count(), let flat = list(3 * count) else { return nil }
        var bins: [Int: ScoreHistogram.Bin] = [:]
        for index in stride(from: 0, to: flat.count, by: 3) {
            guard let key = Int(exactly: flat[index]) else { return nil }
            bins[key] = ScoreHistogram.Bin(positive: flat[index + 1], negative: flat[index + 2])
        }
        return ScoreHistogram(bins: bins, hasFinerScores: isFine != 0)
    }

    mutating func sizes() -> LogHistogram? {
        guard let count = count(), let flat = list(3 * count) else { return nil }
        var buckets: [Int: LogHistogram.Bucket] = [:]
        for index in stride(from: 0, to: flat.count, by: 3) {
            guard let key = Int(exactly: flat[index]) else { return nil }
            buckets[key] = LogHistogram.Bucket(weight: flat[index + 1], sum: flat[index + 2])
        }
        return LogHistogram(buckets: buckets)
    }
}

extension LossSum {
    fileprivate var numbers: [Double] { [weight, squaredWeight, mean, m2] }
}

extension ScoreHistogram {
    fileprivate var numbers: [Double] {
        let flat = bins.sorted { $0.key < $1.key }.flatMap { [Double($0.key), $0.value.positive, $0.value.negative] }
        return [hasFinerScores ? 1 : 0, Double(bins.count)] + flat
    }
}

extension LogHistogram {
    fileprivate var numbers: [Double] {
        let flat = buckets.sorted { $0.key < $1.key }.flatMap { [Double($0.key), $0.value.weight, $0.value.sum] }
        return [Double(buckets.count)] + flat
    }
}

extension PerformanceProfile {
    /// The names that go with `numbers`.
    package var classes: [String] { if case .classes(let tally) = self { tally.classes } else { [] } }

    /// Everything but the names of classes.
    package var numbers: [Double] {
        switch self {
        case .binary(let tally):
            let cells = [
                tally.confusion.truePositives, tally.confusion.falsePositives, tally.confusion.falseNegatives,
                tally.confusion.trueNegatives, tally.squaredWeight,
            ]
            return [1] + cells + tally.logLoss.numbers + tally.brierScore.numbers + tally.calibration
                + tally.scores.numbers
        case .classes(let tally):
            let losses = tally.logLoss.numbers + tally.brierScore.numbers
            return [2, tally.squaredWeight] + tally.confusion.counts + losses + tally.places
                + [Double(tally.scores.count)] + tally.scores.flatMap(\.numbers)
        case .errors(let tally):
            return [3, tally.comoment, tally.maximum] + tally.sums.flatMap(\.numbers) + tally.absoluteErrors.numbers
                + tally.truths.numbers
        case .ranking(let tally): return [4] + tally.sums.flatMap(\.numbers)
        }
    }

    /// Reads `numbers` back; nil when they are no profile.
    package init?(numbers: [Double], classes: [String]) {
        var reader = NumberReader(numbers)
        let read: PerformanceProfile? =
            switch reader.number() {
            case 1: Self.binary(&reader)
            case 2: Self.classes(&reader, classes)
            case 3: Self.errors(&reader)
            case 4: Self.ranking(&reader)
            default: nil
            }
        guard let read else { return nil }
        self = read
    }

    private static func binary(_ reader: inout NumberReader) -> PerformanceProfile? {
        guard let cells = reader.list(5), let logLoss = reader.loss(), let brierScore = reader.loss(),
            let calibration = reader.list(3 * BinaryTally.calibrationBins), let scores = reader.scores()
        else { return nil }
        var tally = BinaryTally()
        tally.confusion = ConfusionMatrix(
            truePositives: cells[0], falsePositives: cells[1], falseNegatives: cells[2], trueNegatives: cells[3])
        tally.squaredWeight = cells[4]
        tally.logLoss = logLoss
        tally.brierScore = brierScore
        tally.calibration = calibration
        tally.scores = scores
        return .binary(tally)
    }

    private static func classes(_ reader: inout NumberReader, _ classes: [String]) -> PerformanceProfile? {
        guard let squaredWeight = reader.number(), let counts = reader.list(classes.count * classes.count),
            let logLoss = reader.loss(), let brierScore = reader.loss(),
            let places = reader.list(ClassTally.maximumPlace), let count = reader.count(),
            count == 0 || count == classes.count * classes.count
        else { return nil }
        var tally = ClassTally(classes: classes)
        tally.squaredWeight = squaredWeight
        tally.confusion = ClassConfusion(classes: classes.count, counts: counts)
        tally.logLoss = logLoss
        tally.brierScore = brierScore
        tally.places = places
        for _ in 0..<count {
            guard let scores = reader.scores() else { return nil }
            tally.scores.append(scores)
        }
        return .classes(tally)
    }

    private static func errors(_ reader: inout NumberReader) -> PerformanceProfile? {
        guard let comoment = reader.number(), let maximum = reader.number(),
            let sums = reader.losses(ErrorTally.Loss.allCases.count), let absoluteErrors = reader.sizes(),
            let truths = reader.sizes()
        else { return nil }
        var tally = ErrorTally()
        tally.comoment = comoment
        tally.maximum = maximum
        tally.sums = sums
        tally.absoluteErrors = absoluteErrors
        tally.truths = truths
        return .errors(tally)
    }

    private static func ranking(_ reader: inout NumberReader) -> PerformanceProfile? {
        var tally = RankingTally()
        guard let sums = reader.losses(tally.sums.count) else { return nil }
        tally.sums = sums
        return .ranking(tally)
    }
}
