package import Blobs
import Runtimes
import Synchronization

/// A model version that is loaded for an endpoint. It counts the requests that use it, so that it can be let go of
/// without dropping one.
final class Deployment: Sendable {
    let variant: String
    let version: ServedVersion
    /// How the runtime was set up.
    let settings: RuntimeSettings
    /// Where it is, when another server runs it.
    let remote: RemoteModel?
    let runtime: any ModelRuntime
    /// The calls that it has answered.
    let traffic = EndpointTraffic()

    private struct Usage {
        var requests = 0
        var isRetired = false
        var whenDrained: CheckedContinuation<Void, Never>?
    }

    private let usage = Mutex(Usage())

    init(
        variant: String, version: ServedVersion, settings: RuntimeSettings = RuntimeSettings(),
        remote: RemoteModel? = nil, runtime: any ModelRuntime
    ) {
        self.variant = variant
        self.version = version
        self.settings = settings
        self.remote = remote
        self.runtime = runtime
    }

    /// Begins a request; every `true` must be followed by one `leave`.
    /// - Returns: false when the deployment has been replaced, and another must be asked.
    func enter() -> Bool {
        usage.withLock { usage in
            guard !usage.isRetired else { return false }
            usage.requests += 1
            return true
        }
    }

    func leave() {
        let drained = usage.withLock { usage in
            usage.requests -= 1
            guard usage.isRetired, usage.requests == 0 else { return nil as CheckedContinuation<Void, Never>? }
            return usage.whenDrained.take()
        }
        drained?.resume()
    }

    /// Takes no more requests, waits for those under way, and ends what runs the model. Called once.
    func retire() async {
        await withCheckedContinuation { continuation in
            let isDrained = usage.withLock { usage in
                usage.isRetired = true
                if usage.requests > 0 { usage.whenDrained = continuation }
                return usage.requests == 0
            }
            if isDrained { continuation.resume() }
        }
        await runtime.close()
    }
}

/// A version of a registered model, and where its files are.
package struct ServedVersion: Sendable, Hashable {
    package let model: String
    /// 0 for a model that is served elsewhere.
    package let version: Int
    /// The model folder on this machine, which stays there while this value is held; nil for a model elsewhere.
    package let folder: LocalFolder?

    package init(model: String, version: Int, folder: LocalFolder?) {
        self.model = model
        self.version = version
        self.folder = folder
    }

    /// Such as `breast-cancer/2`.
    package var label: String { "\(model)/\(version)" }
}

extension Deployment {
    /// Whether it is run where and how the manifest wants it, whichever version it is.
    func isSetUp(as variant: EndpointManifest.Variant) -> Bool {
        settings == variant.settings && remote == variant.source.remote
    }
}
