import Foundation
import NIOCore
import TestSupport
import Testing
import Wire

/// Connections that break while a file is on its way.
@Suite(.timeLimit(.minutes(2))) struct CutUploadTests {
    private static let megabyte = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)

    private enum End: CaseIterable {
        /// The client closes the connection.
        case hangUp
        /// It says that nothing more comes.
        case finish
        /// What should be the size of the next chunk is none.
        case damage
    }

    /// Sends a part of a file, and ends as no client should once the server has got so far.
    private static func upload(
        _ megabytes: Int, to server: HardenedServer, as name: String, chunked: Bool, end: End,
        once hasGotSoFar: () async throws -> Bool = { true }
    ) async throws {
        try await RawConnection.open(to: server.client) { connection in
            let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(100 << 20)"
            try await connection.sender.send(
                "PUT \(server.file(name)) HTTP/1.1\r\nHost: localhost\r\n\(framing)\r\n\r\n")
            for _ in 0..<megabytes {
                if chunked { try await connection.sender.send("100000\r\n") }
                try await connection.sender.send(megabyte)
                if chunked { try await connection.sender.send("\r\n") }
            }
            try await wait(until: hasGotSoFar)
            switch end {
            case .hangUp: try await connection.cut()
            case .finish: connection.sender.finish()
            case .damage: try await connection.sender.send("nonsense\r\n")
            }
            let answer = await connection.rest()
            #expect(!answer.contains("HTTP/1.1 200"), "\(answer)")
            if end == .damage && chunked { #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)") }
        }
    }

    @Test func nothingOfABrokenUploadStaysInAFolder() async throws {
        let folder = try TemporaryFolder()
        try await HardenedServer.run(["--artifacts", folder.path("artifacts")]) { server in
            for chunked in [true, false] {
                for end in End.allCases where chunked || end != .damage {
                    try await Self.upload(3, to: server, as: "large.bin", chunked: chunked, end: end)
                    #expect(try await server.client.get(server.file("large.bin")).status == 404)
                    // One that was there stays as it was.
                    try await Self.upload(1, to: server, as: "kept.txt", chunked: chunked, end: end)
                    #expect(try await server.client.get(server.file("kept.txt")).text == "kept")
                }
            }
            try await Self.wait {
                try FileManager.default.contentsOfDirectory(atPath: folder.path("artifacts/.partial")).isEmpty
            }
        }
    }

    @Test func nothingOfABrokenUploadStaysInABucket() async throws {
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        try await HardenedServer.run(
            ["--artifacts", "s3://\(bucket)/kept"], environment: s3.environment, below: 300
        ) { server in
            for (count, chunked) in [(1, true), (2, false)] {
                try await Self.upload(20, to: server, as: "large.bin", chunked: chunked, end: .hangUp) {
                    try await s3.requests(of: bucket).count { $0.contains("partNumber=1&") } == count
                }
            }
            try await Self.upload(2, to: server, as: "kept.txt", chunked: true, end: .hangUp)
            // What was begun in parts is taken back, or the parts would stay and cost their room.
            try await Self.wait {
                try await s3.requests(of: bucket).count { $0.hasPrefix("204 DELETE") && $0.contains("uploadId=") } == 2
            }
            #expect(try await server.client.get(server.file("large.bin")).status == 404)
            #expect(try await server.client.get(server.file("kept.txt")).text == "kept")
        }
    }

    /// Waits for what happens when nobody listens any more.
    private static func wait(until isSo: () async throws -> Bool) async throws {
        while !(try await isSo()) { try await Task.sleep(for: .milliseconds(20)) }
    }
}
