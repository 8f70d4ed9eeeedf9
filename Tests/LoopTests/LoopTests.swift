import Foundation
import SystemPackage
import TestSupport
import Testing
import Wire

/// The example as `make run` carries it round the loop, against the program that was built.
@Suite struct LoopTests {
    /// Steps 1 to 4, then the machine loses its power, then steps 5 to 7 on another port of the same data.
    @Test func theLoopEndsWellThoughTheServerIsKilledHalfWay() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        let (before, crash) = try await RunningServer.run(data: data) { server in
            let result = try await Self.loop(server, state: folder.path("loop.json"), steps: 1...4)
            try server.kill()
            return result
        }
        // Why a step failed is the last that it says, and what follows a failed step would say it again.
        try #require(before.exitCode == 0, "\(crash.output)\(before.output)\(before.errors)")
        #expect(crash.exitCode == nil, "It was killed.")

        let (after, end) = try await RunningServer.run(data: data) { server in
            let result = try await Self.loop(server, state: folder.path("loop.json"), steps: 5...7)
            let audit = try await BuiltProgram.run(["audit", "verify", "--server", server.url])
            #expect(audit.exitCode == 0, "\(audit.output)\(audit.errors)")
            if result.exitCode == 0 { try await Self.expectHistory(of: server) }
            return result
        }
        try #require(after.exitCode == 0, "\(end.output)\(after.output)\(after.errors)")
        #expect(after.output.components(separatedBy: "done in").count == 4)
        #expect(after.output.contains("deployment: breast-cancer/"))
        #expect(after.output.contains("infrastructure: The server started again; it had ended without being stopped."))
        #expect(after.output.contains("remedy: Its command ended with exit code 0."))
        #expect(end.exitCode == 0, "\(end.output)")
    }

    private static func loop(
        _ server: RunningServer, state: String, steps: ClosedRange<Int>
    ) async throws -> BuiltProgram.Result {
        try await BuiltProgram.run(
            BuiltProgram.python,
            [
                "examples/breast-cancer/loop.py", "--server", server.url, "--martlet", BuiltProgram.path.string,
                "--state", state, "--from-step", "\(steps.lowerBound)", "--to-step", "\(steps.upperBound)",
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"],
            in: BuiltProgram.package.path(percentEncoded: false))
    }

    /// Each station of the loop is in the audit log, in the order in which it was reached.
    private static func expectHistory(of server: RunningServer) async throws {
        let log = try await server.client.get("/api/v1/audit/events?limit=1000").json
        let kinds = (log["events"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
        var rest = kinds[...]
        for station in [
            "run.created", "version.created", "alias.moved", "endpoint.created", "monitor.created",
            "incident.opened", "alert.opened", "version.created", "alias.moved", "alert.command-ended",
        ] {
            guard let place = rest.firstIndex(of: station) else {
                Issue.record("'\(station)' is missing, or in the wrong place of \(kinds)")
                return
            }
            rest = rest[(place + 1)...]
        }
    }
}
