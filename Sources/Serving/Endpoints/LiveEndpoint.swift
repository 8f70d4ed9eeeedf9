import Runtimes
import Synchronization
import Wire

/// An endpoint while the server runs: its manifest, the deployment that answers, and how it is doing.
final class LiveEndpoint: Sendable {
    let name: String
    let traffic = EndpointTraffic()
    /// Wakes the task that keeps the deployment what the manifest and the registry say.
    let wakeUps: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    private struct Content {
        var manifest: EndpointManifest
        var document: JSON
        var state = EndpointState()
        var current: Deployment?
    }

    private let content: Mutex<Content>

    init(manifest: EndpointManifest, document: JSON) {
        name = manifest.name
        content = Mutex(Content(manifest: manifest, document: document))
        (wakeUps, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    var manifest: EndpointManifest { content.withLock { $0.manifest } }
    var current: Deployment? { content.withLock { $0.current } }

    func wake() {
        waker.yield()
    }

    /// Ends the task that keeps it.
    func end() {
        waker.finish()
    }

    func update(manifest: EndpointManifest, document: JSON) {
        content.withLock { content in
            content.manifest = manifest
            content.document = document
        }
        wake()
    }

    func began(_ version: ServedVersion) {
        content.withLock { $0.state.began(version.label) }
    }

    func failed(_ problem: any Error) {
        content.withLock { $0.state.failed("\(problem)") }
    }

    /// Lets requests go to `deployment` from now on.
    /// - Returns: the one they went to before, which is to be retired.
    func deploy(_ deployment: Deployment) -> Deployment? {
        content.withLock { content in
            defer { content.current = deployment }
            content.state.deployed()
            return content.current
        }
    }

    /// The version in place is the one that is wanted.
    func confirm() {
        content.withLock { $0.state.deployed() }
    }

    /// Takes the deployment out; requests are refused from now on.
    func clear() -> Deployment? {
        content.withLock { $0.current.take() }
    }

    /// Runs `body` with the deployment that answers at this moment; it stays until `body` is done.
    /// - Throws: `ServingError` 503 when nothing can answer yet, 404 when nothing will any more.
    func withDeployment<Value>(_ body: (Deployment) async throws -> Value) async throws -> Value {
        while true {
            let (current, state) = content.withLock { ($0.current, $0.state) }
            guard let current else { throw Self.unavailable(name, state) }
            // A deployment that was replaced in between refuses; the new one is there by then.
            guard current.enter() else { continue }
            defer { current.leave() }
            return try await body(current)
        }
    }

    private static func unavailable(_ name: String, _ state: EndpointState) -> ServingError {
        let (word, message) = state.report(current: nil, obstacle: nil)
        guard word != .ready else {
            return ServingError(.doesNotExist, "The endpoint '\(name)' is no longer served.")
        }
        return ServingError(
            .unavailable, "The endpoint '\(name)' is \(word.rawValue). \(message ?? "")",
            retryAfterSeconds: word == .loading ? 1 : 30)
    }

    func report() async -> Endpoint {
        let (manifest, document, state, current) = content.withLock {
            ($0.manifest, $0.document, $0.state, $0.current)
        }
        let obstacle = await current?.runtime.obstacle()?.message
        let (word, message) = state.report(current: current?.version.label, obstacle: obstacle)
        return Endpoint(
            name: name, team: manifest.team, state: word, message: message,
            variants: current.map { [$0.report] } ?? [], manifest: document)
    }
}

extension Deployment {
    fileprivate var report: Endpoint.Variant {
        Endpoint.Variant(
            name: variant, model: version.model, version: version.version, weight: weight, runtime: runtime.name)
    }
}
