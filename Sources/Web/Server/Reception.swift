import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Wire

/// What is done with every request before its route runs: who asks, and may they; and with every failure after it.
struct Reception: Sendable {
    let authoriser: Authoriser
    let errors: ErrorAnswers
    let clock: WallClock
    let memory: HeldMemory
    let readers: PageReaders
    let dates = DateHeader()

    /// What answers say in `Server`.
    static let serverName = "martlet"

    /// Lets the route answer for whoever may ask it.
    /// - Throws: `WebError` 401 and 403, and what the route throws.
    func answer(_ sent: SentRequest, by route: Route, _ requestID: String) async throws -> Reply {
        let call = try Call(
            sent, principal: try await principal(sent.head, route.access), requestID: requestID, shell: errors.shell,
            readers: readers, clock: clock, memory: memory.share()
        ) { [head = sent.head] in _ = try await principal(head, route.access) }
        return try await route.handler(call)
    }

    private func principal(_ head: HTTPRequest, _ access: Access) async throws -> Principal {
        guard case .needs(let permission) = access else { return .anonymous }
        guard let principal = try await authoriser.authenticate(BrowserSession.credentials(of: head)) else {
            throw WebError(
                .unauthenticated, "This server wants a token.",
                hint: "Set MLFLOW_TRACKING_TOKEN or MARTLET_TOKEN, or pass --token.")
        }
        guard try await authoriser.permits(principal, permission) else {
            throw WebError(
                .permissionDenied,
                "\(principal.name) may not \(permission.action.rawValue) \(permission.resource) here.")
        }
        return principal
    }

    /// Answers a request that did not go through the framework, with all that its middleware does there.
    /// - Parameter damage: what broke the body off.
    func answerWhole(_ sent: SentRequest, by route: Route, damage: HTTPParserError?, _ logger: Logger) async -> Reply {
        let requestID = RequestID().description
        var reply: Reply
        do {
            if authoriser.trustsEveryone { try HostGuard.check(sent.head) }
            try OriginGuard.check(sent.head)
            if let damage { throw damage }
            reply = try await answer(sent, by: route, requestID)
        } catch {
            reply = errors.reply(to: error, asked: sent.head, path: sent.path, requestID: requestID, logger)
        }
        SecurityHeaders.add(to: &reply.headers)
        reply.headers[.requestID] = requestID
        RequestLog.log(sent.head, sent.path, reply.status, logger)
        reply.headers[.date] = dates.text(at: clock.now)
        reply.headers[.server] = Self.serverName
        return reply
    }
}
