import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MonitorRoutesTests {
    /// A server whose monitor has seen four windows of drift.
    private func run(_ body: (MonitoringFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(MonitoringFixture.spec)
        try await fixture.predict(PatientTable(100, seed: 2))
        try await fixture.predict(PatientTable(200, seed: 3, scale: 1.5))
        await fixture.observe()
        var routes = Routes()
        MonitorRoutes(board: fixture.board).routes(into: &routes)
        AlertRoutes(alerts: fixture.alerts, windows: fixture.store).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(fixture, server) }
    }

    @Test func tellsWhatMonitorsSee() async throws {
        try await run { _, server in
            let list = try await server.get("/api/v1/monitors").json
            #expect(list["monitors"]?.arrayValue?.first?["state"] == "alert")
            let monitor = try await server.get("/api/v1/monitors/health").json
            #expect(monitor["drifting"] == ["radius"])
            #expect(monitor["window"] == ["rows": 50])
            #expect(monitor["reference"]?["rows"] == 400)
            #expect(monitor["last_window"]?["columns"]?.arrayValue?.count == 4)

            let windows = try await server.get("/api/v1/monitors/health/windows?limit=2").json
            #expect(windows["windows"]?.arrayValue?.map { $0["number"] } == [5, 6])
            let column = windows["windows"]?.arrayValue?.last?["columns"]?.arrayValue?.first
            #expect(column?["name"] == "radius")
            #expect(column?["drift"] == true)
            #expect(column?["measure"] == "jensen_shannon_distance_base2")
            for key in ["effect", "p_value", "adjusted_p_value", "reference_rows", "window_rows"] {
                #expect(column?[key]?.doubleValue != nil, "\(key)")
            }
        }
    }

    @Test func tellsOfAlerts() async throws {
        try await run { fixture, server in
            let list = try await server.get("/api/v1/alerts?state=open").json["alerts"]?.arrayValue
            let id = try #require(list?.first?["alert_id"]?.stringValue)
            #expect(list?.count == 1)
            let alert = try await server.get("/api/v1/alerts/\(id)").json
            #expect(alert["columns"]?.arrayValue?.map { $0["name"] } == ["radius"])
            #expect(alert["windows"] == 4)
            #expect(try await server.get("/api/v1/alerts?state=closed").json["alerts"] == [])
            #expect(try await server.get("/api/v1/alerts?state=opne").status == 400)
            #expect(try await server.get("/api/v1/alerts/a-0").status == 404)
        }
    }

    @Test func whatIsNotThereIs404() async throws {
        try await run { _, server in
            let expected = [
                "/api/v1/monitors/other": 404, "/api/v1/monitors/other/windows": 404, "/monitors/other": 404,
                "/api/v1/monitors/health/windows?limit=0": 400,
            ]
            for (path, status) in expected {
                let answer = try await server.get(path)
                #expect(answer.status == status, "\(path)")
            }
        }
    }

    @Test func pagesSayItWithoutScripts() async throws {
        try await run { fixture, server in
            let monitor = try await server.get("/monitors/health").text
            for words in ["Monitor health", "radius", "texture", "Effect by window", "minimum effect", "400"] {
                #expect(monitor.contains(words), "\(words)")
            }
            #expect(!monitor.contains("<script>"))
            #expect(!monitor.contains("style="))
            let id = try #require(try await fixture.alerts.alerts(limit: 1).first).id
            #expect(monitor.contains("/alerts/\(id)"))
            let alert = try await server.get("/alerts/\(id)").text
            for words in ["Alert on clinic", "Evidence", "radius", "open"] {
                #expect(alert.contains(words), "\(words)")
            }
            #expect(try await server.get("/monitors").text.contains("/monitors/health"))
        }
    }

    @Test func deletingAMonitorLeavesItsAlerts() async throws {
        try await run { fixture, server in
            #expect(try await server.send(.DELETE, "/api/v1/monitors/health").status == 200)
            #expect(try await server.send(.DELETE, "/api/v1/monitors/health").status == 404)
            await fixture.observe()
            let alerts = try await server.get("/api/v1/alerts").json["alerts"]?.arrayValue
            #expect(alerts?.map { $0["state"] } == ["closed"])
        }
    }
}
