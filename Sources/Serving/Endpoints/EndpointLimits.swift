package import Manifests

/// What an endpoint takes on at once. Overload is refused quickly rather than served slowly.
package struct EndpointLimits: Sendable, Hashable {
    /// From the moment a request is read until its answer; then it is refused with 504.
    package let timeout: Duration
    /// So many requests are with the model at the same time.
    package let concurrency: Int
    /// So many wait for one of them to end; more are refused with 429.
    package let queue: Int

    package init(timeout: Duration = .seconds(60), concurrency: Int = 64, queue: Int = 1024) {
        self.timeout = timeout
        self.concurrency = concurrency
        self.queue = queue
    }

    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["timeout_ms", "max_concurrency", "queue"])
        let usual = EndpointLimits()
        self.init(
            timeout: try fields.optionalInteger("timeout_ms", in: 1...3_600_000).map { .milliseconds($0) }
                ?? usual.timeout,
            concurrency: try fields.optionalInteger("max_concurrency", in: 1...10_000) ?? usual.concurrency,
            queue: try fields.optionalInteger("queue", in: 0...100_000) ?? usual.queue)
    }
}
