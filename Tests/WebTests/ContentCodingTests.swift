import AsyncHTTPClient
import CZlib
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// Bodies that clients compress.
@Suite struct ContentCodingTests {
    /// What zlib calls the three formats: gzip's header, its own, none.
    enum Format: Int32, CaseIterable {
        case gzip = 31
        case zlib = 15
        case bare = -15

        var coding: String { self == .gzip ? "gzip" : "deflate" }
    }

    @Test(arguments: Format.allCases)
    func unpacksWhatClientsSend(format: Format) async throws {
        let text = String(repeating: "a trace of many words ☂ ", count: 2000)
        let answer = try await Self.send(Self.compressed(Array(text.utf8), format), coding: format.coding)
        #expect(answer.status == 200)
        #expect(answer.text == text)
    }

    @Test func takesABodyAsItIs() async throws {
        #expect(try await Self.send(Array("plain".utf8), coding: nil).text == "plain")
        #expect(try await Self.send(Array("plain".utf8), coding: "identity").text == "plain")
        #expect(try await Self.send(Self.compressed([], .gzip), coding: "GZIP").text == "")
    }

    @Test(arguments: Format.allCases)
    func holdsNoMoreThanTheLimitOfABodyThatUnpacksToMuch(format: Format) async throws {
        let bomb = Self.compressed([UInt8](repeating: 0, count: 64 << 20), format)
        #expect(bomb.count < 1 << 17)
        #expect(try await Self.send(bomb, coding: format.coding).status == 413)
    }

    @Test(arguments: Format.allCases)
    func refusesDamagedBodies(format: Format) async throws {
        let whole = Self.compressed(Array("some words, some more words".utf8), format)
        #expect(try await Self.send(whole.dropLast(5), coding: format.coding).status == 400)
        #expect(try await Self.send([], coding: format.coding).status == 400)
        #expect(try await Self.send(Array("no compressed text at all".utf8), coding: format.coding).status == 400)
    }

    @Test func refusesCodingsThatItDoesNotKnow() async throws {
        let answer = try await Self.send(Array("x".utf8), coding: "br")
        #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
    }

    private static func send(_ body: some Sequence<UInt8>, coding: String?) async throws -> LiveServer.Answer {
        try await LiveServer.run(.probe) { server in
            var request = HTTPClientRequest(url: server.url + "/unpack")
            request.method = .POST
            if let coding { request.headers.add(name: "Content-Encoding", value: coding) }
            request.body = .bytes(ByteBuffer(bytes: body))
            return try await server.send(request)
        }
    }

    private static func compressed(_ bytes: [UInt8], _ format: Format) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 6, Z_DEFLATED, format.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                deflate(&stream, Z_FINISH)
                return Array(output.prefix(output.count - Int(stream.avail_out)))
            }
        }
    }
}
