import NIOCore
import NIOHTTP1
import Wire

/// The answer to what never becomes a request.
struct Refusal {
    let head: HTTPResponseHead
    let body: ByteBuffer

    private init(status: HTTPResponseStatus, _ problem: WebError) {
        let json = JSON.compact([
            "error_code": .string(problem.code.name),
            "message": .string([problem.message, problem.hint].compactMap(\.self).joined(separator: " ")),
        ])
        body = ByteBuffer(bytes: json.bytes())
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Content-Length": "\(body.readableBytes)", "Connection": "close",
        ]
        if let seconds = problem.retryAfterSeconds { headers.add(name: "Retry-After", value: "\(seconds)") }
        head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }

    private init(status: HTTPResponseStatus = .badRequest, _ message: String, hint: String? = nil) {
        self.init(status: status, WebError(.badRequest, message, hint: hint))
    }

    /// What is wrong with bytes that are no request.
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(
                status: .requestHeaderFieldsTooLarge,
                "The address or the headers of the request are longer than 80 KiB, or there are more than 1000 headers.",
                hint: "Send long values, such as a filter, in the body of a POST.")
        case .invalidVersion: self.init("The request is not in HTTP/1.1 or HTTP/1.0.")
        case .unknown, .paused, .invalidInternalState:
            self.init("The request breaks a rule of HTTP, or its headers contradict each other.")
        default:
            self.init(
                "The request is not HTTP: \(error.debugDescription).",
                hint: "Percent-encode what is not ASCII in the address, and send http:// requests here, not https://.")
        }
    }

    /// Why a request must not be answered; nil for almost all.
    ///
    /// A proxy in front may have taken another of two hosts for the true one, and browsers always name one.
    init?(_ head: HTTPRequestHead) {
        let hosts = head.headers["Host"].count
        guard hosts != 1, hosts > 1 || head.version == .http1_1 else { return nil }
        self.init(hosts == 0 ? "The request has no Host header." : "The request has \(hosts) Host headers, not one.")
    }

    static func tooManyConnections(_ limit: Int) -> Refusal {
        Refusal(status: .serviceUnavailable, .tooManyConnections(limit))
    }
}
