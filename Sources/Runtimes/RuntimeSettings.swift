/// How one model is to be run, as far as the model itself does not decide it. All of it has defaults.
package struct RuntimeSettings: Sendable, Hashable {
    /// How many Python processes answer for the model, each one request at a time. At least 1; models that run inside the
    /// server have no use for it.
    package var workers: Int
    /// How much memory each of these processes may take for itself; nil for as much as there is.
    package var memoryBytes: Int?
    /// How the rows of requests that wait go to the model together; nil for 64 of them where a model in Python is known to
    /// answer each by itself, and for none elsewhere. Trees that run inside the server gain nothing by it and have none.
    package var batch: BatchSettings?
    /// How long one prediction may take; what takes longer hangs, and its process is ended. Nil for the server's limit.
    package var answer: Duration?
    /// How long a process may take until the model is loaded and has made its first prediction; nil for the server's limit.
    package var loading: Duration?
    /// After how many requests a process gives way to a new one; nil for never.
    package var recycleAfterRequests: Int?

    package init(
        workers: Int = 1, memoryBytes: Int? = nil, batch: BatchSettings? = nil, answer: Duration? = nil,
        loading: Duration? = nil, recycleAfterRequests: Int? = nil
    ) {
        self.workers = workers
        self.memoryBytes = memoryBytes
        self.batch = batch
        self.answer = answer
        self.loading = loading
        self.recycleAfterRequests = recycleAfterRequests
    }
}

/// How the rows of requests are put together for one prediction.
package struct BatchSettings: Sendable, Hashable {
    /// The most rows that go together; 1 when each request goes alone. A single request may hold more.
    package var rows: Int
    /// How long a request may be kept back for others to come while a process is idle; zero to send it at once. Those that
    /// wait for a busy process are put together anyway.
    package var delay: Duration
    /// Whether the model is known to answer each row by itself, whatever other rows it is asked about. It need not be said
    /// for flavours that always do.
    package var isRowWise: Bool

    package init(rows: Int, delay: Duration = .zero, isRowWise: Bool = false) {
        self.rows = rows
        self.delay = delay
        self.isRowWise = isRowWise
    }
}
