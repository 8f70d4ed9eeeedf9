import Hummingbird
import Logging
import NIOCore

/// What travels with a request through the middleware.
struct Context: RequestContext {
    var coreContext: CoreRequestContextStorage
    let requestID: String
    /// The connection that the request came by.
    let channel: any Channel

    init(source: Source) {
        channel = source.channel
        coreContext = CoreRequestContextStorage(source: source)
        requestID = source.logger[metadataKey: "hb.request.id"]?.description ?? "none"
    }
}
