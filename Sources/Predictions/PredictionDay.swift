import Wire

/// A day in UTC: what predictions are partitioned by.
struct PredictionDay: Sendable, Hashable, Comparable {
    /// Since 1970-01-01.
    let number: Int64

    init(containing moment: Timestamp) {
        number = Int64((Double(moment.milliseconds) / 86_400_000).rounded(.down))
    }

    /// The day before.
    var before: PredictionDay { PredictionDay(number: number - 1) }

    private init(number: Int64) {
        self.number = number
    }

    /// Reads the name of a partition; nil for any other text.
    init?(name: some StringProtocol) {
        let fields = name.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.map(\.utf8.count) == [4, 2, 2] else { return nil }
        let parts = fields.compactMap { Int64($0) }
        guard parts.count == 3 else { return nil }
        number = Self.number(year: parts[0], month: parts[1], day: parts[2])
        guard self.name == name else { return nil }
    }

    /// Such as `2026-11-21`.
    var name: String {
        let (year, month, day) = civil
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    static func < (earlier: PredictionDay, later: PredictionDay) -> Bool {
        earlier.number < later.number
    }

    private static func padded(_ value: Int64, _ count: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }

    /// Howard Hinnant's `days_from_civil`, http://howardhinnant.github.io/date_algorithms.html
    private static func number(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// `civil_from_days` of the same page.
    private var civil: (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}
