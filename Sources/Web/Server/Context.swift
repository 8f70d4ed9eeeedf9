import Hummingbird
import Logging

/// What travels with a request through the middleware.
struct Context: RequestContext {
    var coreContext: CoreRequestContextStorage
    let requestID: String

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = source.logger[metadataKey: "hb.request.id"]?.description ?? "none"
    }
}
