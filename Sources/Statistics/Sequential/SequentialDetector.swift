/// Watches a stream value by value for a change, in space that does not grow with it (`AdaptiveWindow`: with its logarithm).
///
/// A detector is a value: it is kept across restarts by coding it, which loses nothing. After a value that raised an alarm it
/// begins anew with the next one.
package protocol SequentialDetector: Sendable, Equatable, Codable {
    /// Takes the next value, which must be finite.
    mutating func update(_ value: Double)

    /// Whether the last value raised an alarm.
    var isDrifting: Bool { get }

    /// Whether the last value was a reason to look closer; always false for detectors that know no warnings.
    var isWarning: Bool { get }
}

extension SequentialDetector {
    package var isWarning: Bool { false }
}

/// A mean over a stream, updated value by value.
package struct RunningMean: Sendable, Equatable, Codable {
    package private(set) var count = 0
    package private(set) var mean = 0.0

    package init() {}

    package mutating func add(_ value: Double) {
        count += 1
        mean += (value - mean) / Double(count)
    }
}
