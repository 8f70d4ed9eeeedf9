import Foundation
package import Wire

/// How pages spell amounts: short enough for a table, exact enough to tell two values apart.
package enum Quantity {
    /// A measured value with `digits` significant digits, such as `0.9737`, `12 400` or `3.1e-7`.
    package static func number(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
        guard value != 0 else { return "0" }
        let exponent = Int(log10(abs(value)).rounded(.down))
        guard (-4..<15).contains(exponent) else { return scientific(value, exponent: exponent, digits: digits) }
        let rounded = rounded(value, decimals: digits - 1 - exponent)
        guard rounded == rounded.rounded() else { return signed("\(rounded)") }
        return count(Int(rounded))
    }

    /// A value with so many decimals, also where they are zeros, so that values under each other have their points in line;
    /// one that would be 0, or is large, as `number` says it.
    package static func decimal(_ value: Double, places: Int = 3) -> String {
        let size = abs(value)
        guard value.isFinite, size < 1000, value == 0 || size >= pow(10, Double(-places)) / 2 else {
            return number(value, digits: places)
        }
        let text = String(format: "%.\(places)f", value)
        return signed(text)
    }

    /// A whole number with its thousands set apart, such as `12 345`.
    package static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        guard digits.count > 4 else { return signed(String(value)) }
        var text = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// A size in bytes in the largest unit that leaves at least one, such as `1.4 MB`; powers of 1000.
    package static func bytes(_ sizeBytes: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
        var value = Double(sizeBytes)
        var unit = 0
        while abs(value) >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        return "\(number(value, digits: 3)) \(units[unit])"
    }

    /// A span of time in its two largest units, such as `340 ms`, `12.5 s`, `3 min 20 s`, `2 d 4 h`.
    package static func duration(milliseconds: Int64) -> String {
        let sign = milliseconds < 0 ? "−" : ""
        let size = milliseconds.magnitude
        let seconds = size / 1000
        let minutes = seconds / 60
        switch size {
        case ..<1000: return "\(sign)\(size) ms"
        case ..<60_000: return "\(sign)\(number(Double(size) / 1000, digits: 3)) s"
        case ..<3_600_000: return "\(sign)\(minutes) min \(seconds % 60) s"
        case ..<172_800_000: return "\(sign)\(minutes / 60) h \(minutes % 60) min"
        default: return "\(sign)\(minutes / 1440) d \(minutes % 1440 / 60) h"
        }
    }

    /// A time taken, in microseconds, such as `850 µs` or `3.2 ms`.
    package static func latency(microseconds: Double) -> String {
        if microseconds < 999.5 { return "\(number(microseconds, digits: 3)) µs" }
        if microseconds < 999_500 { return "\(number(microseconds / 1000, digits: 3)) ms" }
        return "\(number(microseconds / 1_000_000, digits: 3)) s"
    }

    /// A probability to four places, never rounded to zero: `< 0.0001` below that.
    package static func pValue(_ probability: Double) -> String {
        probability < 0.0001 ? "< 0.0001" : decimal(probability, places: 4)
    }

    /// A share from 0 to 1 in percent, such as `12 %` or `0.04 %`; never rounded to zero.
    package static func percent(_ share: Double) -> String {
        guard share == 0 || abs(share) >= 0.0001 else { return "< 0.01 %" }
        let digits = abs(share) < 0.1 ? 2 : abs(share) < 0.9995 ? 3 : 4
        return "\(number(100 * share, digits: digits)) %"
    }

    /// How long before `now` a moment was, such as `just now`, `5 minutes ago`, `in 2 hours`.
    package static func age(of moment: Timestamp, now: Timestamp) -> String {
        let isPast = moment <= now
        let gap = isPast ? now.milliseconds &- moment.milliseconds : moment.milliseconds &- now.milliseconds
        // Two moments may lie further apart than a signed number can say, never than an unsigned one.
        let seconds = UInt64(bitPattern: gap) / 1000
        guard seconds >= 10 else { return "just now" }
        let (amount, unit): (UInt64, String) =
            switch seconds {
            case ..<60: (seconds, "second")
            case ..<3600: (seconds / 60, "minute")
            case ..<172_800: (seconds / 3600, "hour")
            case ..<5_184_000: (seconds / 86_400, "day")
            case ..<63_072_000: (seconds / 2_592_000, "month")
            default: (seconds / 31_536_000, "year")
            }
        let words = "\(amount) \(unit)\(amount == 1 ? "" : "s")"
        return isPast ? "\(words) ago" : "in \(words)"
    }

    private static func scientific(_ value: Double, exponent: Int, digits: Int) -> String {
        // In two steps, because 10 to the power of a subnormal's exponent is no double.
        let half = exponent / 2
        let mantissa = value / pow(10, Double(half)) / pow(10, Double(exponent - half))
        return "\(number(rounded(mantissa, decimals: digits - 1), digits: digits))e\(exponent)"
    }

    /// The nearest double to the decimal of so many places, whose shortest text is that decimal.
    private static func rounded(_ value: Double, decimals: Int) -> Double {
        let scale = pow(10, Double(abs(decimals)))
        return decimals < 0 ? (value / scale).rounded() * scale : (value * scale).rounded() / scale
    }

    /// With a minus sign as wide as a digit.
    private static func signed(_ text: String) -> String {
        text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }
}
