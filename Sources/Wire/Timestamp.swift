#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A moment, as whole milliseconds since 1970-01-01 UTC.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (earlier: Timestamp, later: Timestamp) -> Bool {
        earlier.milliseconds < later.milliseconds
    }

    /// The first or the last moment that a number can say, where the sum lies beyond it.
    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        let limit = seconds < 0 ? Int64.min : .max
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        let (span, isAtEnd) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        let (sum, isBeyond) = moment.milliseconds.addingReportingOverflow(span)
        return Timestamp(milliseconds: isTooLong || isAtEnd || isBeyond ? limit : sum)
    }

    /// How long after another moment this one is; the most or the least that a number can say where it is more.
    package func milliseconds(since earlier: Timestamp) -> Int64 {
        let (span, isBeyond) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return isBeyond ? (milliseconds < 0 ? .min : .max) : span
    }

    /// From 1970 to the end of the year 9999, after which RFC 3339 has no words for it.
    package static let named = Timestamp(milliseconds: 0)...Timestamp(milliseconds: 253_402_300_799_999)

    /// ISO 8601 in UTC with milliseconds, such as `2026-11-21T03:47:23.120Z`.
    package var iso8601: String {
        let (days, time) = Self.dividing(milliseconds, by: 86_400_000)
        let (year, month, day) = Self.calendar(daysSince1970: days)
        let date = "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(day, to: 2))"
        let minutes = time / 60_000
        let clock = "\(Self.padded(minutes / 60, to: 2)):\(Self.padded(minutes % 60, to: 2))"
        return "\(date)T\(clock):\(Self.padded(time / 1000 % 60, to: 2)).\(Self.padded(time % 1000, to: 3))Z"
    }

    /// The Gregorian date, counted in eras of 400 years that begin in March, so that leap days come last (Howard
    /// Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
    private static func calendar(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = dividing(daysSince1970 + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Division that rounds down, with a remainder that is never negative.
    private static func dividing(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = (value % divisor + divisor) % divisor
        return (value / divisor - (value < 0 && remainder != 0 ? 1 : 0), remainder)
    }

    private static func padded(_ value: Int64, to width: Int) -> String {
        let digits = String(value.magnitude)
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    package var date: Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

extension Timestamp: JSONRepresentable {
    package var json: JSON { .integer(milliseconds) }
}

/// Tells the time. The composition root makes the real one; tests make their own.
package struct WallClock: Sendable {
    private let read: @Sendable () -> Timestamp

    package init(_ read: @escaping @Sendable () -> Timestamp) {
        self.read = read
    }

    package var now: Timestamp { read() }

    /// The system's clock.
    package static var system: WallClock {
        WallClock { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) }
    }
}
