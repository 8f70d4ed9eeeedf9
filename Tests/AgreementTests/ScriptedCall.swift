import Foundation
import NIOHTTP1
import OrderedCollections
import Wire

/// One request of a script. In its texts `{{7}}` stands for the id that call 7 made, which differs from server to server.
struct ScriptedCall: Sendable {
    /// Its place in the whole script, which it keeps when others are left out.
    let number: Int
    let method: HTTPMethod
    /// From the first slash on.
    var path: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: JSON?
    /// Where the answer has the id that the call makes, such as `run`, `info`, `run_id`.
    var makes: [String] = []
    /// Whether the pages after the first are asked for too.
    var isPaged = false

    /// What stands for the id that the call makes.
    var symbol: String { Self.symbol(number) }

    static func symbol(_ number: Int) -> String { "{{\(number)}}" }

    /// The same request for the page that begins at `token`.
    func page(_ token: String) -> ScriptedCall {
        var call = self
        if method == .GET {
            call.query = query.filter { $0.name != "page_token" } + [("page_token", token)]
        } else if var members = body?.objectValue {
            members["page_token"] = .string(token)
            call.body = .object(members)
        }
        return call
    }
}

extension ScriptedCall: CustomStringConvertible {
    var description: String {
        let question = query.isEmpty ? "" : "?" + query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let carried = headers.map { " \($0.name): \($0.value)" }.joined()
        return "\(number): \(method) \(path)\(question)\(carried) \(body?.text ?? "")"
    }
}

/// What a server answered to a call.
struct GivenAnswer: Sendable, Hashable {
    let status: Int
    let text: String
}

/// The ids that calls of a script made on one server.
struct IDBook: Sendable {
    private(set) var ids: [(symbol: String, id: String)] = []

    mutating func note(_ call: ScriptedCall, _ answer: JSON?) {
        guard !call.makes.isEmpty, let id = call.makes.reduce(answer, { $0?[$1] })?.stringValue else { return }
        ids.append((call.symbol, id))
    }

    /// A text with the ids of this server; the ids of calls that were left out or refused become one that nothing has.
    func filled(_ text: String) -> String {
        guard text.contains("{{") else { return text }
        let known = ids.reduce(text) { $0.replacing($1.symbol, with: $1.id) }
        return known.replacing(/\{\{(\d+)\}\}/) { "9\($0.output.1)" }
    }
}
