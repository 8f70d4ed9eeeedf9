import Incidents

/// How often estimates of former windows of a version were refuted by labels.
package struct EstimateRecord: Sendable, Hashable {
    package struct Count: Sendable, Hashable {
        package var confronted = 0
        package var refuted = 0
    }

    package private(set) var counts: [PerformanceEstimate.Method: Count] = [:]

    package init() {}

    /// Counts windows: one is refuted when more than half of its measures are.
    package mutating func add(_ estimates: [PerformanceEstimate]) {
        let ofWindow = estimates.filter { $0.slice == .whole }
        for (method, estimates) in Dictionary(grouping: ofWindow, by: \.method) {
            let confronted = estimates.filter { $0.isRefuted != nil }
            guard !confronted.isEmpty else { continue }
            counts[method, default: Count()].confronted += 1
            let refuted = confronted.count { $0.isRefuted == true }
            if 2 * refuted > confronted.count { counts[method, default: Count()].refuted += 1 }
        }
    }

    /// Whether estimates may be relied on: not when more than a third of at least three windows were refuted.
    package func isTrusted(_ method: PerformanceEstimate.Method) -> Bool {
        let count = counts[method] ?? Count()
        return count.confronted < 3 || 3 * count.refuted <= count.confronted
    }

    func words(_ method: PerformanceEstimate.Method) -> String {
        let count = counts[method] ?? Count()
        return "\(count.refuted) of \(count.confronted) windows"
    }
}
