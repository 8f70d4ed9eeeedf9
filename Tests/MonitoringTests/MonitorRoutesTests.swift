import Database
import Incidents
import Manifests
import NIOHTTP1
import Predictions
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MonitorRoutesTests {
    /// A server whose monitor has seen four windows of drift.
    func run(_ body: (MonitoringFixture, LiveServer) async throws -> Void) async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.train(version: 1, on: PatientTable(400, seed: 1))
        try await fixture.apply(MonitoringFixture.spec)
        try await fixture.predict(PatientTable(100, seed: 2))
        try await fixture.predict(PatientTable(200, seed: 3, scale: 1.5))
        await fixture.observe()
        var routes = Routes()
        let costs = try await Self.costs(fixture)
        MonitorRoutes(board: fixture.board, costs: costs, log: fixture.log).routes(into: &routes)
        TrafficRoutes(manifests: fixture.manifests, windows: fixture.windowStore).routes(into: &routes)
        AlertRoutes(alerts: fixture.alerts, manifests: fixture.manifests, course: fixture.store.course).routes(
            into: &routes)
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in try await body(fixture, server) }
    }

    /// A desk that has seen two cores at work for the model of the last hour.
    static func costs(_ fixture: MonitoringFixture) async throws -> CostDesk {
        let clock = fixture.clock.clock
        let store = CostStore(database: fixture.database)
        var record = CostRecord()
        record.cpuMs = 120_000
        record.coveredMs = 60_000
        record.memoryKiBMs = 60_000 * 1_048_576
        record.memoryMaxBytes = 1 << 30
        record.receivedBytes = 5_000_000
        record.rows = 300
        let minute = Timestamp(milliseconds: fixture.clock.now.milliseconds / 60_000 * 60_000)
        for back in 0..<8 {
            try await store.add([.server: record], disk: nil, at: minute + .seconds(-60 * back), source: "here")
        }
        for hour in 0..<12 {
            let disk = ResourceReading.Disk(
                usedBytes: 400_000_000_000 + Int64(hour) * 1_000_000_000, totalBytes: 1_000_000_000_000)
            try await store.add([:], disk: disk, at: minute + .seconds(3600 * (hour - 12)), source: "here")
        }
        let sampler = CostSampler(
            reader: ResourceReader(folder: "/tmp", clock: clock), store: store, source: "here", clock: clock,
            logger: LiveServer.quiet
        ) { ResourceReader.Load(workers: [], rows: 0) }
        return CostDesk(store: store, sampler: sampler, clock: clock)
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

    @Test func aMonitorThatCannotBeReadAnyMoreHidesNoOther() async throws {
        try await run { fixture, server in
            try await fixture.database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO manifests (kind, name, document, applied_at, applied_by)
                    SELECT kind, 'former', REPLACE(document, 'false_discovery_rate', 'rate_of_before'), applied_at,
                        applied_by
                    FROM manifests WHERE name = 'health'
                    """)
            }
            #expect(try await fixture.manifests.all(kind: "Monitor").count == 2)
            let list = try await server.get("/api/v1/monitors").json["monitors"]?.arrayValue
            #expect(list?.map { $0["name"] } == ["health"])
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
            for words in [
                "Monitor health", "radius", "texture", "Effect by window", "minimum effect", "400",
                "class=\"histogram\"",
                "/monitors/health/columns/radius", "/monitors/health/traffic", "provisional",
                "is distributed differently",
            ] {
                #expect(monitor.contains(words), "\(words)")
            }
            // A finding that came in each window is one row.
            #expect(monitor.contains("<td class=\"number\">4 of 6</td>"))
            #expect(!monitor.contains("<script>"))
            #expect(!monitor.contains("style="))
            let id = try #require(try await fixture.alerts.alerts(limit: 1).first).id
            #expect(monitor.contains("/alerts/\(id)"))
            let alert = try await server.get("/alerts/\(id)").text
            for words in [
                "Drift at clinic", "Evidence", "radius", "open", "What to do next",
                "martlet monitors drift health --family drift", "/monitors/health/columns/radius",
            ] {
                #expect(alert.contains(words), "\(words)")
            }
            #expect(try await server.get("/monitors").text.contains("/monitors/health"))
        }
    }

    @Test func theMonitorsPageSaysWhatItCosts() async throws {
        try await run { fixture, server in
            let page = try await server.get("/monitors/health").text
            for words in ["id=\"cost\"", "cores", "2.000", "1.07 GB", "disk full", "days (95 %", "cpu_hour: 0.04"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("per thousand predictions"))
            try await fixture.apply("{endpoint: clinic, window: {rows: 50}, cost: {cpu_hour: 0.04}}")
            let priced = try await server.get("/monitors/health").text
            #expect(priced.contains("per thousand predictions"))
            #expect(!priced.contains("cpu_hour: 0.04"))
        }
    }

    @Test func aColumnsPageHoldsItAgainstItsReference() async throws {
        try await run { fixture, server in
            let numbers = try await server.get("/monitors/health/columns/radius").text
            let prediction = try #require(try await fixture.log.latest(of: "clinic", limit: 1).first)
            for words in [
                "standard deviation", "50 % below", "against 400", "counts from 0.25", "window 6", "Effect by window",
                "<span class=\"badge bad\">", "href=\"/predictions/\(prediction.id.text.prefix(6))",
            ] {
                #expect(numbers.contains(words), "\(words)")
            }
            let names = try await server.get("/monitors/health/columns/ward").text
            #expect(names.contains("different names") && names.contains("<code>north</code>"))
            #expect(try await server.get("/monitors/health/columns/none").status == 404)
            #expect(try await server.get("/monitors/other/columns/radius").status == 404)
        }
    }

    @Test func theTrafficPageSaysWhoCalledHowOften() async throws {
        try await run { fixture, server in
            let hour = try await server.get("/monitors/health/traffic").text
            for words in [
                "Calls by minute", "Latency of requests, ms", "<th scope=\"row\">ann</th>", "300", "clinic/1",
            ] {
                #expect(hour.contains(words), "\(words)")
            }
            #expect(try await server.get("/monitors/health/traffic?by=day").text.contains("Calls by day"))
            #expect(try await server.get("/monitors/health/traffic?by=year").status == 400)
            #expect(try await server.get("/monitors/other/traffic").status == 404)
        }
    }

    @Test func pagesWithoutAnythingSayWhatToTypeOnThisServer() async throws {
        let fixture = try await MonitoringFixture()
        var routes = Routes()
        MonitorRoutes(board: fixture.board, log: fixture.log).routes(into: &routes)
        AlertRoutes(alerts: fixture.alerts, manifests: fixture.manifests, course: fixture.store.course).routes(
            into: &routes)
        TrafficRoutes(manifests: fixture.manifests, windows: fixture.windowStore).routes(into: &routes)
        PerformanceRoutes(board: fixture.board, store: fixture.performance).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            for path in ["/monitors", "/alerts"] {
                let page = try await server.get(path).text
                #expect(page.contains("http://127.0.0.1:\(server.port)"), "\(path)")
                #expect(page.contains("martlet "), "\(path)")
            }
            try await fixture.apply(MonitoringFixture.spec)
            for path in ["/monitors/health", "/monitors/health/performance"] {
                let page = try await server.get(path).text
                #expect(page.contains("curl http://127.0.0.1:\(server.port)/"), "\(path)")
            }
            #expect(try await server.get("/monitors/health/traffic").text.contains("Nothing came in this time"))
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

    @Test func aReferenceIsChosenAndAFileOfAnotherModelIsRefused() async throws {
        try await run { fixture, server in
            let path = "/api/v1/monitors/health/reference"
            let chosen = try await server.post(path, json: ["season": "week"])
            #expect(chosen.status == 200)
            #expect(try chosen.json["compared_with"] == ["season": "week"])
            #expect(try await server.post(path, json: ["season": "year"]).status == 400)
            #expect(try await server.post("/api/v1/monitors/other/reference", json: ["previous": 2]).status == 404)

            let rows = PatientTable(60, seed: 9).splitJSON.text
            let sent = try await server.send(.PUT, path + "/rows.json", body: rows)
            #expect(sent.status == 200)
            #expect(try sent.json["compared_with"]?["file"]?.stringValue?.hasSuffix("/rows.json") == true)
            let monitor = try #require(try await Monitor.all(in: fixture.manifests).first)
            let reference = try await fixture.references.reference(
                monitor.reference, endpoint: "clinic", model: "clinic", version: 1)
            #expect(reference?.rows == 60)
            // The rest of the manifest is as it was.
            #expect(monitor.drift.minimumEffect == 0.25)

            let others = #"{"columns": ["price", "rooms"], "data": [[1, 2], [3, 4]]}"#
            let refused = try await server.send(.PUT, path + "/houses.json", body: others)
            #expect(refused.status == 400)
            #expect(refused.text.contains("another model"))
            #expect(try await server.send(.PUT, path + "/rows.xlsx", body: "x").status == 400)
        }
    }
}
