import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// A request as it came, whichever way through the server it takes.
struct SentRequest: Sendable {
    let head: HTTPRequest
    /// The address without the query, as sent.
    let path: String
    /// As sent; empty when there is none.
    let query: String
    /// What the names in the route's path matched, as sent.
    let parameters: Parameters
    let body: Body
    /// The connection, while its request is still on its way.
    let channel: (any Channel)?

    enum Body: Sendable {
        /// Still on its way.
        case arriving(RequestBody)
        case whole(ByteBuffer)

        var stream: any AsyncSequence<ByteBuffer, any Error> & Sendable {
            switch self {
            case .arriving(let body): body
            case .whole(let bytes): RequestBody(buffer: bytes)
            }
        }
    }

    init(_ request: Request, _ context: Context) {
        head = request.head
        path = request.uri.path
        query = request.uri.query ?? ""
        parameters = context.parameters
        body = .arriving(request.body)
        channel = context.channel
    }

    init(head: HTTPRequest, path: String, query: String, parameters: Parameters, body: ByteBuffer) {
        self.head = head
        self.path = path
        self.query = query
        self.parameters = parameters
        self.body = .whole(body)
        channel = nil
    }
}
