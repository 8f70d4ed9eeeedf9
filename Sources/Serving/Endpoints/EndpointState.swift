import Wire

/// What an endpoint does about its deployment. A pure value: models, processes and events are elsewhere.
///
///     nothing deployed:  loading → ready | failed;   failed → loading
///     deployed:          ready → replacing → ready;  a replacement that fails leaves the old one in place
struct EndpointState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// Nothing is deployed yet; the text says what is on its way. Next: ready, failed.
        case loading(String?)
        /// A version answers. Next: replacing, and ready again when a replacement cannot even be found.
        case ready
        /// A version answers while another is being loaded. Next: ready.
        case replacing(String)
        /// Nothing is deployed, and loading failed. Next: loading.
        case failed
    }

    private(set) var phase = Phase.loading(nil)
    /// What went wrong last with a version that was to be deployed; nil once one was.
    private(set) var problem: String?

    /// A version is about to be loaded.
    mutating func began(_ version: String) {
        switch phase {
        case .loading, .failed: phase = .loading(version)
        case .ready, .replacing: phase = .replacing(version)
        }
    }

    /// The version that was wanted answers.
    mutating func deployed() {
        phase = .ready
        problem = nil
    }

    /// The version that was wanted cannot be found or loaded.
    mutating func failed(_ reason: String) {
        problem = reason
        switch phase {
        case .loading, .failed: phase = .failed
        case .ready, .replacing: phase = .ready
        }
    }

    /// What people are told.
    /// - Parameters:
    ///   - current: the version that answers.
    ///   - obstacle: why its runtime cannot answer at the moment.
    func report(current: String?, obstacle: String?) -> (state: Endpoint.State, message: String?) {
        switch phase {
        case .loading(let version):
            (.loading, version.map { "\($0) is being loaded." })
        case .failed:
            (.failed, problem)
        case .ready, .replacing:
            (obstacle == nil ? .ready : .failed, obstacle ?? note(current: current ?? "The former version"))
        }
    }

    private func note(current: String) -> String? {
        if case .replacing(let version) = phase { return "\(version) is being loaded; \(current) answers until then." }
        return problem.map { "\(current) goes on answering: \($0)" }
    }
}
