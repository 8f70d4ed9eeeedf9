/// KSWIN (Raab, Heusinger & Schleif 2020): Kolmogorov and Smirnov's test of the newest values of a window against as many that
/// are drawn at random from the rest of it.
package struct RecentSampleDetector: SequentialDetector {
    package let alpha: Double
    package let windowRows: Int
    package let recentRows: Int
    private var window: [Double] = []
    private var draws: SplitMix
    package private(set) var isDrifting = false

    /// `windowRows` is at least twice `recentRows`. The same seed draws the same values.
    package init(alpha: Double = 0.005, windowRows: Int = 100, recentRows: Int = 30, seed: UInt64) {
        self.alpha = alpha
        self.windowRows = windowRows
        self.recentRows = recentRows
        draws = SplitMix(seed: seed)
    }

    package mutating func update(_ value: Double) {
        if isDrifting { isDrifting = false }
        window.append(value)
        if window.count > windowRows { window.removeFirst(window.count - windowRows) }
        guard window.count == windowRows else { return }
        let recent = Array(window.suffix(recentRows))
        let rest = window.dropLast(recentRows).shuffled(using: &draws).prefix(recentRows)
        let test = KolmogorovSmirnovTest(Array(rest), recent)
        isDrifting = test.pValue <= alpha && test.statistic > 0.1
        if isDrifting { window = recent }
    }
}
