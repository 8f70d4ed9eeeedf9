package import HTTPTypes
import Hummingbird
package import Wire

extension Call {
    /// What a page's form sent: the body of `application/x-www-form-urlencoded`. What was left empty is absent.
    /// - Throws: `WebError` for another media type and a body that is too large.
    package func form() async throws -> Fields {
        try requireContentType("application/x-www-form-urlencoded")
        let text = String(buffer: try await body(limit: 256 << 10))
        let filled = try QueryString.parameters(of: text).filter { !$0.value.isEmpty }
        return try Fields(.members(filled.map { ($0.name, JSON.string($0.value)) }))
    }
}

extension Call {
    /// A page that a form is answered with, instead of being sent on to another.
    package func reply(with page: Page, status: HTTPResponse.Status = .ok) -> Reply {
        var reply = shell.reply(with: page)
        reply.status = status
        return reply
    }
}

extension Reply {
    /// Sends whoever filled in a form on to a page.
    package static func seeOther(_ path: String) -> Reply {
        Reply(status: .seeOther, headers: [.location: path])
    }
}
