package import Wire

/// What an experiment has seen.
package struct ExperimentActivity: Sendable, Hashable {
    package let experiment: ExperimentID
    /// Without deleted ones.
    package let runs: Int
    package let lastStart: Timestamp
}
