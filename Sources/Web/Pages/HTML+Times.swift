package import Wire

/// Moments and stretches of time. Each says the exact moment on hover and to programs; `times.js` adds the reader's own time
/// zone, and lets those that are told by their age grow older.
extension HTML {
    /// A moment as people say it.
    package static func time(_ moment: Timestamp, now: Timestamp) -> HTML {
        // As an age and not as a moment, so that the reader's clock need not go right.
        let age = now.milliseconds.subtractingReportingOverflow(moment.milliseconds)
        let seconds: HTML? = age.overflow ? nil : " data-age=\"\(age.partialValue / 1000)\""
        return """
            <time datetime="\(moment.iso8601)" title="\(spelled(moment))"\(seconds)>\(Quantity.age(of: moment, now: now))</time>
            """
    }

    /// A moment written out in UTC.
    package static func time(_ moment: Timestamp) -> HTML {
        timed(moment, spelled(moment))
    }

    /// A stretch of time, the day said once: `2026-11-21 03:47:23 to 03:52:10 UTC`.
    package static func times(from start: Timestamp, to end: Timestamp) -> HTML {
        let (first, last) = (start.iso8601.prefix(19), end.iso8601.prefix(19))
        let isSameDay = first.prefix(10) == last.prefix(10)
        let until = isSameDay ? String(last.dropFirst(11)) : String(last.replacing("T", with: " "))
        return "\(timed(start, first.replacing("T", with: " "))) to \(timed(end, "\(until) UTC"))"
    }

    private static func timed(_ moment: Timestamp, _ words: some StringProtocol) -> HTML {
        "<time datetime=\"\(moment.iso8601)\" title=\"\(spelled(moment))\">\(words)</time>"
    }

    /// `2026-11-21 03:47:23 UTC`.
    private static func spelled(_ moment: Timestamp) -> String {
        moment.iso8601.prefix(19).replacing("T", with: " ") + " UTC"
    }
}
