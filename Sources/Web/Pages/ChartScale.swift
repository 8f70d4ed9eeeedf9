import Foundation
import Wire

/// One axis of a chart: the values it spans and where its ticks stand.
struct ChartScale: Sendable, Hashable {
    let domain: ClosedRange<Double>
    let ticks: [Double]
    private let labels: Labels

    /// Whether equal factors, not equal differences, are equally far apart.
    private let isLogarithm: Bool

    private enum Labels: Sendable, Hashable {
        case numbers
        case durations
        /// UTC, with the date when a day or more lies between ticks.
        case times(stepMs: Double)
    }

    init(_ values: ClosedRange<Double>, as axis: Chart.Axis, isRounded: Bool) {
        switch axis {
        case .number: self.init(numbers: values, isRounded: isRounded)
        case .time: self.init(times: values)
        case .duration: self.init(durations: values)
        case .logarithm: self.init(logarithm: values, isRounded: isRounded)
        }
    }

    /// Round numbers within `values`; widened to the ticks around it when `isRounded`.
    init(numbers values: ClosedRange<Double>, isRounded: Bool, count: Int = 4) {
        let span = Self.opened(values)
        let step = Self.roundStep((span.upperBound - span.lowerBound) / Double(count))
        let first = (span.lowerBound / step).rounded(isRounded ? .down : .up)
        let last = max(first, (span.upperBound / step).rounded(isRounded ? .up : .down))
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
        domain = isRounded ? first * step...last * step : span
        labels = .numbers
        isLogarithm = false
    }

    /// Powers of ten within `values`, which are above 0, with 2 and 5 times them when there are few; widened to the powers
    /// around it when `isRounded`.
    init(logarithm values: ClosedRange<Double>, isRounded: Bool, count: Int = 6) {
        let low = max(values.lowerBound, .leastNormalMagnitude)
        let high = max(values.upperBound, low)
        let exponents =
            (log10(low) + 1e-9).rounded(
                .down)...max((log10(high) - 1e-9).rounded(.up), (log10(low) + 1e-9).rounded(.down) + 1)
        let decades = Int(exponents.upperBound - exponents.lowerBound)
        let every = max(1, decades / count)
        let factors: [Double] = decades <= 2 ? [1, 2, 5] : [1]
        let span = low < high ? low...high : low / 2...low * 2
        domain = isRounded ? pow(10, exponents.lowerBound)...pow(10, exponents.upperBound) : span
        let all = stride(from: exponents.lowerBound, through: exponents.upperBound, by: Double(every)).flatMap {
            exponent in
            factors.map { $0 * pow(10, exponent) }
        }
        let range = domain
        ticks = all.filter(range.contains)
        labels = .numbers
        isLogarithm = true
    }

    /// Whole units of time within `values`, in milliseconds since something began.
    init(durations values: ClosedRange<Double>, count: Int = 5) {
        domain = Self.opened(values, by: 1000)
        let wanted = (domain.upperBound - domain.lowerBound) / Double(count)
        let step = Self.timeSteps.first { $0 >= wanted } ?? (wanted / Self.day).rounded(.up) * Self.day
        let first = (domain.lowerBound / step).rounded(.up) * step
        ticks = Array(stride(from: first, through: domain.upperBound, by: step))
        labels = .durations
        isLogarithm = false
    }

    /// Whole units of time within `values`, in milliseconds since 1970.
    init(times values: ClosedRange<Double>, count: Int = 5) {
        // A single moment stands in the middle of an hour.
        domain = Self.opened(values, by: Self.day / 48)
        let wanted = (domain.upperBound - domain.lowerBound) / Double(count)
        let step = Self.timeSteps.first { $0 >= wanted } ?? (wanted / Self.day).rounded(.up) * Self.day
        let first = (domain.lowerBound / step).rounded(.up) * step
        ticks = Array(stride(from: first, through: domain.upperBound, by: step))
        labels = .times(stepMs: step)
        isLogarithm = false
    }

    /// Whether a value has a place on the axis at all.
    func holds(_ value: Double) -> Bool {
        value.isFinite && (!isLogarithm || value > 0)
    }

    /// Where a value stands: 0 at the lower end, 1 at the upper.
    func fraction(of value: Double) -> Double {
        guard isLogarithm else { return (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound) }
        return (log10(value) - log10(domain.lowerBound)) / (log10(domain.upperBound) - log10(domain.lowerBound))
    }

    /// What scripts need to know of it, to tell values from places: its ends, and how it is divided.
    var words: String {
        let kind =
            switch labels {
            case .numbers: isLogarithm ? "logarithm" : "number"
            case .durations: "duration"
            case .times: "time"
            }
        return "\(domain.lowerBound) \(domain.upperBound) \(kind)"
    }

    func label(of tick: Double) -> String {
        switch labels {
        case .numbers: return Quantity.number(tick, digits: 6)
        case .durations:
            let text = Quantity.duration(milliseconds: Int64(tick))
            // Ticks stand at whole units mostly: `5 min`, not `5 min 0 s`.
            return [" 0 s", " 0 min", " 0 h"].first(where: text.hasSuffix).map { String(text.dropLast($0.count)) }
                ?? text
        case .times(let step):
            let text = Timestamp(milliseconds: Int64(tick)).iso8601
            return String(
                step < Self.day ? text.dropFirst(11).prefix(step < 60_000 ? 8 : 5) : text.dropFirst(5).prefix(5))
        }
    }

    private static let day = 86_400_000.0
    private static let timeSteps: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172_800, 604_800,
    ].map { $0 * 1000 }

    /// The smallest of 1, 2 and 5 times a power of ten that is not below `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        return power * ([1, 2, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10)
    }

    /// A range of one value, opened so that the value stands in the middle.
    private static func opened(_ values: ClosedRange<Double>, by wanted: Double? = nil) -> ClosedRange<Double> {
        let size = max(abs(values.lowerBound), abs(values.upperBound))
        guard values.upperBound - values.lowerBound <= max(size * 1e-12, 1e-290) else { return values }
        let margin = wanted ?? (size < 1e-280 ? 1 : size / 10)
        return values.lowerBound - margin...values.upperBound + margin
    }
}

extension Chart.Axis {
    /// Whether there is a scale of it that a value could be on.
    func holds(_ value: Double) -> Bool {
        let latest = 253_402_300_799_999.0  // The end of the year 9999.
        return switch self {
        case .number: abs(value) < 1e300
        case .logarithm: value > 0 && value < 1e300
        case .duration: abs(value) <= latest
        case .time: (0...latest).contains(value)
        }
    }
}
