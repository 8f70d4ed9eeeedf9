import Runtimes
import Synchronization
import Wire

/// Models that are being loaded for an endpoint, beside everything else that goes on there: one that takes its time holds up
/// neither its siblings nor a decision about them.
///
/// Whoever needs a model asks for it again each time that something has changed, and gets it once it is there.
final class ModelLoads: Sendable {
    /// What is loaded.
    struct Wanted: Sendable, Hashable {
        /// The variant, or the shadow.
        let place: String
        let version: ServedVersion
        let source: EndpointManifest.Source
        let settings: RuntimeSettings
    }

    /// Thrown for a model that is still being loaded.
    struct StillLoading: Error {}

    fileprivate struct Load {
        /// Tells it from another load of the same that came later.
        let number: Int
        let task: Task<Void, Never>
        /// Nil while it goes on.
        var result: Result<any ModelRuntime, any Error>?
        /// Whether it was asked for since `settle`.
        var isAsked = true
    }

    private struct State {
        var loads: [Wanted: Load] = [:]
        var lastNumber = 0
    }

    private let loader: ModelLoader
    private let endpoint: String
    private let whenDone: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - endpoint: for whom models are loaded.
    ///   - whenDone: called after each load, however it ended.
    init(_ loader: ModelLoader, endpoint: String, whenDone: @escaping @Sendable () -> Void) {
        self.loader = loader
        self.endpoint = endpoint
        self.whenDone = whenDone
    }

    /// The model that was asked for before; it is the caller's from now on.
    /// - Throws: `StillLoading`; what loading it threw, until `settle` forgets that.
    func runtime(_ wanted: Wanted) throws -> any ModelRuntime {
        try state.withLock { state in
            guard let load = state.loads[wanted] else {
                state.lastNumber += 1
                let number = state.lastNumber
                state.loads[wanted] = Load(number: number, task: Task { await self.load(wanted, number) })
                throw StillLoading()
            }
            state.loads[wanted]?.isAsked = true
            guard let result = load.result else { throw StillLoading() }
            if case .success = result { state.loads[wanted] = nil }
            return try result.get()
        }
    }

    private func load(_ wanted: Wanted, _ number: Int) async {
        let result: Result<any ModelRuntime, any Error>
        do {
            result = .success(try await loader.make(wanted.version, wanted.source, wanted.settings, for: endpoint))
        } catch {
            result = .failure(error)
        }
        let isWanted = state.withLock { state in
            guard state.loads[wanted]?.number == number else { return false }
            state.loads[wanted]?.result = result
            return true
        }
        guard !isWanted else { return whenDone() }
        if case .success(let runtime) = result { await runtime.close() }
    }

    /// Gives up what was not asked for since the last call, and forgets what failed.
    /// - Parameter isWaiting: whether something that was asked for is still being loaded; then failures are remembered, so
    ///   that they are not tried again before it is there.
    func settle(_ place: String, isWaiting: Bool) {
        let gone = state.withLock { state in
            let gone = state.loads.filter { $0.key.place == place && (!isWaiting || !$0.value.isAsked) }
            for wanted in gone.keys { state.loads[wanted] = nil }
            for wanted in state.loads.keys where wanted.place == place { state.loads[wanted]?.isAsked = false }
            return gone
        }
        for load in gone.values { _ = load.giveUp() }
    }

    /// Gives up what is loaded for other places than these.
    func keep(only places: Set<String>) {
        for place in Set(state.withLock { $0.loads.keys.map(\.place) }).subtracting(places) {
            settle(place, isWaiting: false)
        }
    }

    /// Gives everything up, and returns once nothing is being loaded any more.
    func close() async {
        let left = state.withLock { state in
            defer { state.loads = [:] }
            return state.loads
        }
        for ending in left.values.map({ $0.giveUp() }) { await ending.value }
    }
}

extension ModelLoads.Load {
    /// Ends the load, and what came of it.
    fileprivate func giveUp() -> Task<Void, Never> {
        task.cancel()
        return Task {
            await task.value
            if case .success(let runtime) = result { await runtime.close() }
        }
    }
}
