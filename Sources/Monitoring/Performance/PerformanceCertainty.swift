/// How sure a measure of a window must be before it is bad: at the level of the monitor's alarms, which all tests of all its windows
/// share.
package struct PerformanceCertainty: Sendable {
    /// How many alerts a test of the window may open by chance; nil where nobody limits that.
    private let openings: Double?
    private let alarms: AlarmRule
    private var levels = AlarmLevels()

    package static let standard = PerformanceCertainty(openings: nil, alarms: .standard)

    package init(openings: Double?, alarms: AlarmRule) {
        self.openings = openings
        self.alarms = alarms
    }

    init(_ window: PerformanceStore.Window, _ alarms: AlarmRule) {
        self.init(openings: alarms.falseAlarmsPerMonth == nil ? nil : window.openings, alarms: alarms)
    }

    /// The largest p-value, of both sides, that counts in a measure of so many labelled rows.
    /// - Parameter basis: the rows that all windows are held against; nil for none, as against a declared limit.
    mutating func level(rows: Int, basis: Int?) -> Double {
        guard let openings else { return AlarmLevel.standard.pValue }
        let correlation = basis.map { Double(rows) / Double(rows + max(1, $0)) } ?? 0
        return levels.level(
            for: AlarmBudget(
                openings: openings, persistence: (alarms.windows, alarms.of), correlation: correlation)
        ).pValue
    }
}
