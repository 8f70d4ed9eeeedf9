package import Wire

/// How curves are looked at, as the address of a page says it: which, over what, how smooth, in which stretch.
///
///     ?charts=loss&x=relative&smooth=0.6&y=log&from=1000&to=5000
package struct CurveView: Sendable, Hashable {
    /// What stands under the curves.
    package enum Axis: Sendable, Hashable {
        case step
        /// Since the run began, in milliseconds.
        case relative
        /// Milliseconds since 1970.
        case time
        /// What another metric was at the same step.
        case metric(String)

        /// As the address has it.
        package var text: String {
            switch self {
            case .step: "step"
            case .relative: "relative"
            case .time: "time"
            case .metric(let key): "metric:\(key)"
            }
        }

        package init?(_ text: String) {
            switch text {
            case "step": self = .step
            case "relative": self = .relative
            case "time": self = .time
            default:
                guard text.hasPrefix("metric:"), text.count > 7 else { return nil }
                self = .metric(String(text.dropFirst(7)))
            }
        }
    }

    /// Only metrics whose key has each of these words, in any case.
    package var words = ""
    package var axis = Axis.step
    /// How much of a curve's former course its smoothed one keeps at each point: from 0, which leaves it as it is, below 1.
    package var smoothing = 0.0
    package var isXLogarithmic = false
    package var isYLogarithmic = false
    /// The stretch of the axis that is shown, in its units; open ends are nil.
    package var from: Double?
    package var to: Double?
    /// How many charts are passed over.
    package var offset = 0

    package static let maximumSmoothing = 0.999

    package init() {}

    /// - Parameter value: of a parameter of the address, nil when it is absent.
    /// - Throws: `FieldProblem` for what no view can be.
    package init(_ value: (String) -> String?) throws {
        words = value("charts") ?? ""
        if let text = value("x"), !text.isEmpty {
            guard let axis = Axis(text) else {
                throw FieldProblem.invalid("x", .string(text), expected: "step, relative, time or metric:KEY")
            }
            self.axis = axis
        }
        if let text = value("smooth"), !text.isEmpty {
            guard let weight = Double(text), (0...Self.maximumSmoothing).contains(weight) else {
                throw FieldProblem.invalid(
                    "smooth", .string(text), expected: "number from 0 to \(Self.maximumSmoothing)")
            }
            smoothing = weight
        }
        isXLogarithmic = value("xscale") == "log"
        isYLogarithmic = value("yscale") == "log"
        from = try Self.number("from", value)
        to = try Self.number("to", value)
        if let from, let to, from >= to {
            throw FieldProblem("Parameter 'from' must be less than 'to'; they are \(from) and \(to).")
        }
        if let text = value("charts_from"), !text.isEmpty {
            guard let offset = Int32(text).map(Int.init), offset >= 0 else {
                throw FieldProblem.invalid("charts_from", .string(text), expected: "whole number")
            }
            self.offset = offset
        }
    }

    private static func number(_ name: String, _ value: (String) -> String?) throws -> Double? {
        guard let text = value(name), !text.isEmpty else { return nil }
        guard let number = Double(text), number.isFinite else {
            throw FieldProblem.invalid(name, .string(text), expected: "number")
        }
        return number
    }

    /// The parameters that are not as they are at first, in the order of their names.
    package var parameters: [(name: String, value: String)] {
        var all: [(String, String)] = []
        if !words.isEmpty { all.append(("charts", words)) }
        if offset > 0 { all.append(("charts_from", "\(offset)")) }
        if let from { all.append(("from", "\(from)")) }
        if smoothing > 0 { all.append(("smooth", "\(smoothing)")) }
        if let to { all.append(("to", "\(to)")) }
        if axis != .step { all.append(("x", axis.text)) }
        if isXLogarithmic { all.append(("xscale", "log")) }
        if isYLogarithmic { all.append(("yscale", "log")) }
        return all
    }

    /// Whether a metric is among those that are asked for.
    package func shows(_ key: String) -> Bool {
        let key = key.lowercased()
        return words.lowercased().split(separator: " ").allSatisfy { key.contains($0) }
    }
}
