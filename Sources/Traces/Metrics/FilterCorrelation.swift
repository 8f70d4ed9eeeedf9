import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How often two filters hold for the same traces, beside how often each holds.
struct FilterCorrelation: Sendable, Hashable {
    let first: Int
    let second: Int
    let both: Int
    let total: Int

    /// Normalised pointwise mutual information (Bouma, 2009): 1 when both always hold together, 0 when each holds
    /// regardless of the other, -1 when they never hold together. Nil when either never holds.
    var npmi: Double? {
        guard isDefined else { return nil }
        return both == 0 ? -1 : npmi(smoothing: 0)
    }

    /// The same with half a trace more in each of the four cases (Jeffreys' prior), which trusts small counts less.
    var smoothedNPMI: Double? { isDefined ? npmi(smoothing: 0.5) : nil }

    private var isDefined: Bool { first > 0 && second > 0 && neither >= 0 && both <= min(first, second) }
    private var neither: Int { total - first - second + both }

    private func npmi(smoothing: Double) -> Double? {
        if first == both, second == both, neither == 0 { return 1 }
        let joint = Double(both) + smoothing
        let one = Double(first) + 2 * smoothing
        let other = Double(second) + 2 * smoothing
        let all = Double(total) + 4 * smoothing
        guard joint > 0 else { return nil }
        let information = log(joint) + log(all) - (log(one) + log(other))
        return max(-1, min(1, information / (log(all) - log(joint))))
    }
}

extension FilterCorrelation: JSONRepresentable {
    var json: JSON {
        .compact([
            "npmi": npmi.map(JSON.double), "npmi_smoothed": smoothedNPMI.map(JSON.double),
            "filter1_count": .integer(Int64(first)), "filter2_count": .integer(Int64(second)),
            "joint_count": .integer(Int64(both)), "total_count": .integer(Int64(total)),
        ])
    }
}
