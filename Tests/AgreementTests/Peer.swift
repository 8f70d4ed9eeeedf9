import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Wire

/// A server that scripts are sent to, with what it made so far.
struct Peer {
    let server: LiveServer
    private(set) var book = IDBook()

    /// How many pages of a list are asked for.
    private static let maximumPages = 40

    init(server: LiveServer) {
        self.server = server
    }

    /// What the server answers to a call: one answer, or one for each page.
    mutating func answers(to call: ScriptedCall) async throws -> [GivenAnswer] {
        let first = try await send(call)
        let json = try? first.json
        book.note(call, json)
        var answers = [first.given]
        guard call.isPaged else { return answers }
        var token = json?["next_page_token"]?.stringValue
        while let next = token, answers.count < Self.maximumPages {
            let answer = try await send(call.page(next))
            answers.append(answer.given)
            token = try? answer.json["next_page_token"]?.stringValue
        }
        return answers
    }

    private func send(_ call: ScriptedCall) async throws -> LiveServer.Answer {
        let query = call.query.map { "\(Self.encoded($0.name))=\(Self.encoded(book.filled($0.value)))" }
        let question = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        var request = HTTPClientRequest(url: server.url + book.filled(call.path) + question)
        request.method = call.method
        for header in call.headers { request.headers.add(name: header.name, value: book.filled(header.value)) }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: book.filled(body.text)))
        }
        return try await server.send(request)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + String(format: "%02X", byte)
        }.joined()
    }
}

extension LiveServer.Answer {
    /// Without the id of the request, which is each server's own.
    fileprivate var given: GivenAnswer {
        GivenAnswer(status: status, text: text.replacing(/,"request_id":"[^"]*"/, with: ""))
    }
}
