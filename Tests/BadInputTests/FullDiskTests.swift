import NIOCore
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing
import Wire

/// A disk of eight megabytes, with the database and the files on it.
@Suite(.timeLimit(.minutes(2))) struct FullDiskTests {
    /// Makes a small disk of a folder, which only the program that is started in it sees.
    private static func launcher(_ folder: String, _ program: [String]) -> [String] {
        ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", "mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$@\"", folder]
            + program
    }

    private static func canMakeDisks() async throws -> Bool {
        let folder = try TemporaryFolder()
        let command = launcher(folder.path, ["/bin/true"])
        return try await BuiltProgram.run("/usr/bin/env", command, environment: [:]).exitCode == 0
    }

    @Test(.enabled("the system lets its users mount") { try await canMakeDisks() })
    func whatWasAcknowledgedStaysAndRoomHealsIt() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "data/empty")
        try await HardenedServer.run(in: folder, launchedBy: { Self.launcher(folder.path("data"), $0) }) { server in
            let client = server.client
            let file = String(repeating: "x", count: 1 << 20)
            var files = 0
            var refusal = try await client.send(.PUT, server.file("file-0"), body: file)
            while refusal.status == 200, files < 16 {
                files += 1
                refusal = try await client.send(.PUT, server.file("file-\(files)"), body: file)
            }
            #expect(refusal.verdict == "413 STORAGE_FULL")
            #expect(refusal.message.contains("full"))
            #expect(try await client.get(server.file("file-\(files)")).status == 404)

            let value = String(repeating: "v", count: 7000)
            func setTag(_ number: Int) async throws -> LiveServer.Answer {
                try await client.mlflow(
                    .POST, "runs/set-tag",
                    ["run_id": .string(server.run), "key": .string("tag-\(number)"), "value": .string(value)])
            }
            var tags = 0
            var answer = try await setTag(0)
            while answer.status == 200, tags < 1000 {
                tags += 1
                answer = try await setTag(tags)
            }
            #expect(answer.verdict == "413 STORAGE_FULL", "\(answer.text)")
            #expect(answer.message.contains("nothing of this request was stored. Free some space"))
            try await Self.expect(tags, files, on: server)

            #expect(try await client.send(.DELETE, server.file("file-0")).status == 200)
            #expect(try await setTag(tags).status == 200)
            try await Self.expect(tags + 1, files, on: server, without: "file-0")
        }
    }

    /// All that was acknowledged is there, and nothing else.
    private static func expect(
        _ tags: Int, _ files: Int, on server: HardenedServer, without gone: String? = nil
    ) async throws {
        let run = try await server.client.mlflow(get: "runs/get?run_id=\(server.run)").json
        let kept = run["run"]?["data"]?["tags"]?.arrayValue?.compactMap { $0["key"]?.stringValue } ?? []
        #expect(kept.count { $0.hasPrefix("tag-") } == tags)
        for number in 0..<files where "file-\(number)" != gone {
            #expect(try await server.client.get(server.file("file-\(number)")).body.readableBytes == 1 << 20)
        }
    }
}
