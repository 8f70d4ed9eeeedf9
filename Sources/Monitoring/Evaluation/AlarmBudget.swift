/// What false alarms one test of a monitor may give rise to: all that `AlarmLevel` follows from.
package struct AlarmBudget: Sendable, Hashable {
    /// How many alerts the test may open in a window on average.
    package let openings: Double
    /// In each window.
    package let tests: Int
    /// Bad in so many of so many windows.
    package let windows: Int
    package let of: Int
    /// ρ of the windows' statistics, from 0 to below 1.
    package let correlation: Double

    /// - Parameters:
    ///   - falseAlarms: a month.
    ///   - windows: a month.
    ///   - tests: in each window.
    package init(
        falseAlarms: Double, windows: Double, tests: Int, persistence: (windows: Int, of: Int), correlation: Double
    ) {
        openings = falseAlarms / (max(1, windows) * Double(max(1, tests)))
        self.tests = max(1, tests)
        self.windows = persistence.windows
        of = persistence.of
        self.correlation = min(0.99, max(0, correlation))
    }

    /// What another test of the same windows may open.
    package init(openings: Double, persistence: (windows: Int, of: Int), correlation: Double) {
        self.openings = openings
        tests = 1
        windows = persistence.windows
        of = persistence.of
        self.correlation = min(0.99, max(0, correlation))
    }

    private init(_ budget: AlarmBudget, openings: Double, correlation: Double) {
        self.openings = openings
        self.correlation = correlation
        tests = budget.tests
        windows = budget.windows
        of = budget.of
    }

    /// The budget of all windows that are nearly alike: no more openings and no less correlation than here, each by less than
    /// a sixteenth, so that the level is at most a little stricter.
    package var rounded: AlarmBudget {
        AlarmBudget(
            self, openings: openings.sixteenths(.down), correlation: min(0.99, correlation.sixteenths(.up)))
    }
}

extension Double {
    /// To sixteenths of the power of two below it.
    fileprivate func sixteenths(_ rule: FloatingPointRoundingRule) -> Double {
        guard isNormal else { return self }
        let unit = Double(sign: .plus, exponent: Int(exponent) - 4, significand: 1)
        return (self / unit).rounded(rule) * unit
    }
}

/// Levels that were worked out: windows and slices of nearly one size ask for the same.
struct AlarmLevels: Sendable {
    private var levels: [AlarmBudget: AlarmLevel] = [:]

    private let limit: Int

    /// - Parameter limit: so many are kept; sizes that vary by a thousand times make some hundreds.
    init(limit: Int = 1_000) {
        self.limit = limit
    }

    /// The level of the rounded budget, which does not depend on what was asked before.
    mutating func level(for budget: AlarmBudget) -> AlarmLevel {
        let budget = budget.rounded
        if let level = levels[budget] { return level }
        if levels.count >= limit { levels.removeAll() }
        let level = AlarmLevel(budget)
        levels[budget] = level
        return level
    }

    var count: Int { levels.count }
}
