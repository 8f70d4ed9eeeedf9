import Artifacts
import Blobs
import Database
import Incidents
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Monitoring

// What is damaged, left over or asked for without bounds.

extension MonitorRoutesTests {
    @Test func aPageTellsOfRecordsThatAreDamaged() async throws {
        try await run { fixture, server in
            #expect(try await !server.get("/monitors/health").text.contains("stored records are damaged"))
            try await fixture.database.write { try $0.execute("UPDATE monitor_records SET body = \([UInt8]([9, 9]))") }
            for path in ["/monitors/health", "/monitors/health/traffic", "/monitors/health/columns/radius"] {
                #expect(try await server.get(path).status == 200, "\(path)")
            }
            #expect(try await server.get("/monitors/health").text.contains("stored records are damaged"))
            let traffic = try await server.get("/api/v1/monitors/health/traffic?by=merged")
            #expect(traffic.status == 200)
            #expect(try traffic.json["traffic"]?["unreadable_records"]?.integerValue ?? 0 > 0)
        }
    }

    @Test func aFileThatNoMonitorCameToNameGoes() async throws {
        try await run { fixture, server in
            let path = "/api/v1/monitors/health/reference"
            let rows = PatientTable(60, seed: 9).splitJSON.text
            func put(_ place: String) async throws -> BlobKey {
                let key = try BlobKey("monitor-references/\(place)")
                let bytes = ByteBuffer(string: rows)
                try await fixture.artifacts.blobs.put(
                    key,
                    AsyncThrowingStream { continuation in
                        continuation.yield(bytes)
                        continuation.finish()
                    })
                return key
            }
            func isThere(_ key: BlobKey) async throws -> Bool {
                try await fixture.artifacts.blobs.info(key) != nil
            }
            // One that is in use is sent and compared with; after it two whose server ended before their monitor named them.
            let sent = try await server.send(.PUT, path + "/rows.json", body: rows)
            let used = try BlobKey(try #require(try sent.json["compared_with"]?["file"]?.stringValue))
            _ = try await fixture.references.reference(
                .file(used.path), endpoint: "clinic", model: "clinic", version: 1)
            let left = try await put("health/\(fixture.clock.now.milliseconds)/left.json")
            let other = try await put("gone/\(fixture.clock.now.milliseconds)/left.json")
            fixture.clock.advance(by: 86_401_000)
            let coming = try await put("health/\(fixture.clock.now.milliseconds)/coming.json")
            #expect(try await isThere(left))
            #expect(try await server.send(.PUT, path + "/later.json", body: rows).status == 200)
            #expect(try await !isThere(left))
            #expect(try await !isThere(other))
            #expect(try await isThere(coming), "It may be on its way.")
            #expect(try await isThere(used), "It was compared with.")
        }
    }

    @Test func trafficOfMoreDaysThanAreKeptIsNotLookedFor() async throws {
        try await run { _, server in
            let refused = try await server.get("/api/v1/monitors/health/traffic?by=merged&from=0")
            #expect(refused.status == 400)
            #expect(refused.text.contains("1100 days"), "\(refused.text)")
        }
    }
}
