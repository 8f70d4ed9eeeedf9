extension Timestamp {
    /// Reads a moment of RFC 3339, such as `2026-11-21T03:47:23.120Z` or `2026-11-21T04:47:23+01:00`; what is finer than
    /// a millisecond is cut off.
    /// - Returns: nil for text that is no such moment.
    package init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = Self.digits(4, from: &rest), Self.take("-", from: &rest),
            let month = Self.digits(2, from: &rest), (1...12).contains(month), Self.take("-", from: &rest),
            let day = Self.digits(2, from: &rest), (1...31).contains(day),
            Self.take("T", from: &rest) || Self.take("t", from: &rest) || Self.take(" ", from: &rest),
            let hour = Self.digits(2, from: &rest), hour < 24, Self.take(":", from: &rest),
            let minute = Self.digits(2, from: &rest), minute < 60, Self.take(":", from: &rest),
            let second = Self.digits(2, from: &rest), second <= 60
        else { return nil }
        guard let fraction = Self.fraction(from: &rest), let offset = Self.offsetMinutes(from: &rest), rest.isEmpty
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(milliseconds: seconds * 1000 + fraction)
    }

    /// Days since 1970-01-01: the opposite of the calendar that `iso8601` writes, from the same source (`days_from_civil`).
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func take(_ character: Unicode.Scalar, from rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func digits(_ count: Int, from rest: inout ArraySlice<UInt8>) -> Int64? {
        guard rest.count >= count, let value = Int64(String(decoding: rest.prefix(count), as: UTF8.self)),
            rest.prefix(count).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        rest.removeFirst(count)
        return value
    }

    /// Milliseconds; nil for a point without digits.
    private static func fraction(from rest: inout ArraySlice<UInt8>) -> Int64? {
        guard take(".", from: &rest) else { return 0 }
        var (milliseconds, count): (Int64, Int) = (0, 0)
        while let digit = digits(1, from: &rest) {
            if count < 3 { milliseconds = milliseconds * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 3) { milliseconds *= 10 }
        return milliseconds
    }

    private static func offsetMinutes(from rest: inout ArraySlice<UInt8>) -> Int64? {
        if take("Z", from: &rest) || take("z", from: &rest) { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("-", from: &rest) || take("+", from: &rest), let hours = digits(2, from: &rest),
            take(":", from: &rest), let minutes = digits(2, from: &rest)
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
