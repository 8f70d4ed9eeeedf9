/// Is told of predictions soon after they were answered, in groups.
///
/// Each prediction is told at least once, in the order of the log, after it can be read and before the journal forgets it;
/// again after a restart or when an observer failed, so what an observer does must be the same when done twice. Those that
/// are not in the endpoint's sample are told too, without inputs and output. An observer that fails delays neither readers
/// nor requests: the group is told again with the next one, and given up, with a line in the server's log, when a gigabyte
/// has gathered behind it.
package struct PredictionObserver: Sendable {
    /// For the server's log.
    package let name: String
    package let observe: @Sendable ([Prediction]) async throws -> Void

    package init(name: String, observe: @escaping @Sendable ([Prediction]) async throws -> Void) {
        self.name = name
        self.observe = observe
    }
}
