import Synchronization
import Wire

/// Which run made which version.
final class RunIDs: Sendable {
    private let ids = Mutex<[Int: String]>([:])
    private let held = Mutex<[Int: Turnstile]>([:])

    private let happenings = Mutex<[Int: @Sendable () async throws -> Void]>([:])

    private let askings = Mutex<[Int: Int]>([:])

    /// How often somebody asked for the run of a version.
    func askings(of version: Int) -> Int { askings.withLock { $0[version] ?? 0 } }

    func id(of version: Int) -> String? { ids.withLock { $0[version] } }

    func set(_ id: String, for version: Int) {
        ids.withLock { $0[version] = id }
    }

    /// Lets whoever asks for the run of a version wait until it is released, as for rows that are far away.
    func hold(_ version: Int) {
        let turnstile = Turnstile(places: 1)
        if turnstile.enterIfFree() { held.withLock { $0[version] = turnstile } }
    }

    func release(_ version: Int) { held.withLock { $0.removeValue(forKey: version) }?.leave() }

    /// Has something happen while somebody asks for the run of a version, once.
    func meanwhile(_ version: Int, _ happening: @escaping @Sendable () async throws -> Void) {
        happenings.withLock { $0[version] = happening }
    }

    func told(of version: Int) async throws -> String? {
        askings.withLock { $0[version, default: 0] += 1 }
        try await happenings.withLock { $0.removeValue(forKey: version) }?()
        if let turnstile = held.withLock({ $0[version] }) {
            try await turnstile.enter()
            turnstile.leave()
        }
        return id(of: version)
    }
}
