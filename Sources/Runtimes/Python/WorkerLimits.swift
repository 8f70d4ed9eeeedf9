/// How long things may take, and how large they may be, whatever the model.
package struct WorkerLimits: Sendable, Hashable {
    /// From the start of the process until the model is loaded and has made its warm-up prediction.
    package var loading: Duration = .seconds(180)
    /// One prediction; whatever takes longer hangs, and its process is ended.
    package var answer: Duration = .seconds(60)
    /// How much longer than its request waits a prediction may take at least before it hangs. A model that is slow today
    /// answers late; ending its process for that would make it slower.
    package var overtime: Duration = .seconds(2)
    /// How many requests may wait while all processes are busy.
    package var waitingRequests = 256
    package var frameBytes = 256 << 20
    package var backOff = BackOff()

    package init() {}
}
