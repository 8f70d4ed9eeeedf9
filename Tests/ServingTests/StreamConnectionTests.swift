import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Web
import Wire

@testable import Serving

/// Streams whose clients leave, do not listen, or want more than there is.
@Suite(.timeLimit(.minutes(3))) struct StreamConnectionTests {
    private static let path = "/endpoints/clinic/stream"

    /// A server of one endpoint `clinic` that takes one stream at a time.
    private static func served(
        _ model: PlantedModel, _ spec: String, limits: ServerLimits = ServerLimits(),
        _ body: (LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        _ = try await fixture.register(as: "clinic", write: model.write)
        try await fixture.apply("clinic", spec: "{ variants: [{ model: \"models:/clinic/1\" }], \(spec) }")
        try await fixture.serve(streams: 1, limits: limits) { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await body(server)
        }
    }

    private static let head = """
        POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n\
        Transfer-Encoding: chunked\r\n\r\n
        """

    private static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n"
    }

    private static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { "{\"x\":\($0)}\n" }.joined()
    }

    private static func stream(_ text: String, _ server: LiveServer) async throws -> LiveServer.Answer {
        try await server.send(.POST, path, body: text, type: "application/x-ndjson")
    }

    /// Waits until nothing is under way.
    /// - Returns: how many requests there were, by status.
    private static func settled(_ server: LiveServer) async throws -> [Int: Int] {
        while true {
            let text = try await server.get("/metrics").text
            if text.contains("martlet_prediction_requests_in_flight{endpoint=\"clinic\"} 0.0\n") {
                let counts = text.matches(of: /martlet_prediction_requests_total\{[^}]*status="(\d+)"[^}]*\} (\d+)/)
                return counts.reduce(into: [:]) { $0[Int($1.1) ?? 0, default: 0] += Int($1.2) ?? 0 }
            }
            try Task.checkCancellation()
        }
    }

    /// Everything that a stream held is there for others.
    private static func expectFree(_ server: LiveServer) async throws {
        while true {
            let answer = try await stream(lines(7..<9), server)
            if answer.status == 503 { continue }
            #expect(answer.status == 200)
            #expect(answer.text.contains("\"predictions\":[14.0]"), "\(answer.text)")
            #expect(answer.text.contains("\"predictions\":[16.0]"), "\(answer.text)")
            return
        }
    }

    /// With lines to come, or after the last one: what waits for the model is given up.
    @Test(arguments: ["", "0\r\n\r\n"])
    func aClientThatLeavesTakesItsLinesWithIt(end: String) async throws {
        let model = PlantedModel(delay: .milliseconds(200))
        try await Self.served(model, "limits: { max_concurrency: 1, queue: 100 }") { server in
            try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(Self.head + Self.chunk(Self.lines(0..<100)) + end)
                let begun = try await connection.answer(containing: "\"line\":2")
                #expect(begun.hasPrefix("HTTP/1.1 200 "))
                let other = try await Self.stream(Self.lines(0..<1), server)
                #expect(other.status == 503)
                #expect(other.header("Retry-After") == "5")
                try await connection.cut()
            }
            try await Self.expectFree(server)
            let counts = try await Self.settled(server)
            #expect(counts.values.reduce(0, +) < 40, "\(counts)")
            #expect(counts.keys.allSatisfy { $0 < 500 }, "It is nobody's fault: \(counts)")
        }
    }

    /// It sends and sends. What it is answered fills the buffers between it and the server, and then nothing more is
    /// predicted, until it is left.
    @Test func aClientThatDoesNotListenIsNotPredictedFor() async throws {
        var limits = ServerLimits()
        limits.patience = .seconds(2)
        let model = PlantedModel(noteBytes: 1 << 20)
        try await Self.served(model, "log: { sample_percent: 0 }", limits: limits) { server in
            let count = 2000
            let line = Self.chunk(Self.lines(1..<2) + String(repeating: " ", count: 20_000) + "\n")
            let sent = try await RawConnection.open(to: server) { connection in
                try await connection.sender.send(Self.head)
                var sent = 0
                while sent < count, (try? await connection.sender.send(line)) != nil { sent += 1 }
                return sent
            }
            #expect(sent < count)
            let counts = try await Self.settled(server)
            #expect((1..<100).contains(counts[200] ?? 0), "\(counts)")
        }
    }

    /// Eight lines are under way, one is with the model and two wait: others are told to come back, in their place.
    @Test func linesAreHeldToTheLimitsOfTheEndpoint() async throws {
        let model = PlantedModel(delay: .milliseconds(200))
        try await Self.served(model, "limits: { max_concurrency: 1, queue: 2 }") { server in
            let answer = try await Self.stream(Self.lines(0..<20), server)
            let lines = try answer.text.split(separator: "\n").map { try JSON.parse($0.utf8) }
            #expect(lines.compactMap { $0["line"]?.integerValue } == Array(1...20))
            let good = lines.filter { $0["error_code"] == nil }
            #expect(good.count >= 3)
            for line in good {
                let number = try #require(line["line"]?.integerValue)
                #expect(line["predictions"] == [.double(Double(2 * (number - 1)))])
            }
            let refused = lines.filter { $0["error_code"] != nil }
            #expect(refused.count >= 5)
            #expect(refused.allSatisfy { $0["retry_after_seconds"] == 1 })
            try await Self.expectFree(server)
        }
    }

    /// What lines hold counts as what bodies hold does.
    @Test func aLineThatWouldHoldTooMuchIsToldToComeBack() async throws {
        var limits = ServerLimits()
        limits.heldBytes = 1 << 20
        try await Self.served(PlantedModel(), "", limits: limits) { server in
            let large = "{\"inputs\":{\"x\":[" + Array(repeating: "1", count: 40_000).joined(separator: ",") + "]}}\n"
            let answer = try await Self.stream(Self.lines(0..<1) + large + Self.lines(1..<2), server)
            let lines = try answer.text.split(separator: "\n").map { try JSON.parse($0.utf8) }
            #expect(lines.map { $0["error_code"]?.stringValue } == [nil, "TEMPORARILY_UNAVAILABLE", nil])
            #expect(lines.count == 3 && lines[1]["retry_after_seconds"] == 1, "\(answer.text)")
        }
    }
}
