package import Runtimes

extension WorkerLimits {
    /// For batches: a model that ends over a row is started again soon, because the row is looked for.
    package static var batches: WorkerLimits {
        var limits = WorkerLimits()
        limits.backOff = BackOff(first: .milliseconds(50), longest: .seconds(1), crashLoopAfter: 1000)
        return limits
    }
}
