import Manifests
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Incidents

@Suite(.timeLimit(.minutes(5))) struct IncidentRoutesTests {
    /// A server with an open incident.
    private func run(_ body: (IncidentFixture, LiveServer, Incident) async throws -> Void) async throws {
        let fixture = try await IncidentFixture()
        try await fixture.happen("rollout.promoted", of: "endpoints/clinic", ["from": "clinic/1", "to": "clinic/2"])
        fixture.clock.advance(minutes: 10)
        let rule = AlertRule(owner: "ann", severity: .high, runbook: "https://wiki/x", notify: ["ops"])
        try await fixture.open(["<age>"], from: IncidentFixture.source(rule))
        let timeLine = TimeLineReader(incidents: fixture.incidents, events: fixture.events) { _, _ in nil }
        var routes = Routes()
        IncidentRoutes(incidents: fixture.incidents, timeLine: timeLine, manifests: fixture.manifests).routes(
            into: &routes)
        SilenceRoutes(alerts: fixture.alerts, manifests: fixture.manifests).routes(into: &routes)
        AlertRoutes(alerts: fixture.alerts, manifests: fixture.manifests, course: { _ in nil }).routes(into: &routes)
        let incident = try #require(try await fixture.newest())
        try await LiveServer.run(routes, clock: fixture.clock.clock) { server in
            try await body(fixture, server, incident)
        }
    }

    @Test func tellsWhatHappenedAndWhatChangedBefore() async throws {
        try await run { _, server, incident in
            let list = try await server.get("/api/v1/incidents?state=open&endpoint=clinic").json
            #expect(list["incidents"]?.arrayValue?.map { $0["incident_id"]?.stringValue } == [incident.id])
            let shown = try await server.get("/api/v1/incidents/\(incident.id)").json
            #expect(shown["severity"] == "high")
            #expect(shown["owner"] == "ann")
            let before = shown["changed_before"]?.text ?? ""
            #expect(before.contains("9 min before the first bad window: clinic/2 took over from clinic/1."))
            let timeLine = shown["time_line"]?.arrayValue ?? []
            #expect(timeLine.map { $0["kind"] } == ["deployment", "alarm", "alarm"])
            #expect(shown["alerts"]?.arrayValue?.count == 1)
            #expect(try await server.get("/api/v1/incidents?state=closed").status == 400)
            #expect(try await server.get("/api/v1/incidents?limit=0").status == 400)
            #expect(try await server.get("/api/v1/incidents/i-0").status == 404)
            #expect(try await server.get("/incidents/i-0").status == 404)
        }
    }

    @Test func takesWhatPeopleDo() async throws {
        try await run { fixture, server, incident in
            let path = "/api/v1/incidents/\(incident.id)"
            #expect(try await server.post("\(path)/acknowledge", json: [:]).json["state"] == "acknowledged")
            #expect(try await server.post("\(path)/assign", json: ["owner": "bob"]).json["owner"] == "bob")
            #expect(try await server.post("\(path)/assign", json: [:]).status == 400)
            #expect(try await server.post("\(path)/resolve", json: ["cause": "magic"]).status == 400)
            let body: JSON = ["cause": "data-change", "words": "A new lab."]
            let over = try await server.post("\(path)/resolve", json: body).json
            #expect(over["cause"] == "data_change")
            #expect(over["resolved_by"] == "local")
            #expect(try await server.post("\(path)/acknowledge", json: [:]).status == 409)
            let report = try await server.get("/api/v1/incidents/report?days=7").json
            #expect(report["incidents"] == 1)
            #expect(report["causes"] == ["data_change": 1])
            #expect(try await server.get("/api/v1/incidents/report?days=0").status == 400)
            let tooLong = "from=2026-11-21&to=99999999999999999"
            for moments in ["from=9223372036854775807", "from=noon", "from=2026-11-22&to=5", tooLong, "from=0"] {
                #expect(try await server.get("/api/v1/incidents/report?\(moments)").status == 400, "\(moments)")
            }
            for moments in ["from=2016-11-21&to=2026-11-21", "to=-9223372036854775808"] {
                #expect(try await server.get("/api/v1/incidents/report?\(moments)").status == 200, "\(moments)")
            }
            let refusal = try await server.get("/api/v1/incidents/report?\(tooLong)").json["message"]?.stringValue
            #expect(refusal == "From 'from' to 'to' there may be 3660 days.")
        }
    }

    @Test func anIncidentEndsWithEachCauseThereIs() async throws {
        try await run { fixture, server, incident in
            let path = "/api/v1/incidents/\(incident.id)"
            let page = try await server.get("/incidents/\(incident.id)").text
            for cause in Cause.allCases {
                let over = try await server.post("\(path)/resolve", json: ["cause": .string(cause.rawValue)]).json
                #expect(over["cause"] == .string(cause.rawValue))
                #expect(page.contains("<option value=\"\(cause.rawValue)\">\(cause.words)</option>"), "\(cause)")
                #expect(try await server.post("\(path)/reopen", json: [:]).status == 200)
            }
            let refused = try await server.post("\(path)/resolve", json: [:])
            #expect(refused.status == 400)
            #expect(try refused.json["message"]?.stringValue?.contains("dependency_change") == true)
        }
    }

    @Test func formsDoTheSameAndLeadBack() async throws {
        try await run { fixture, server, incident in
            let form = "application/x-www-form-urlencoded"
            let page = try await server.get("/incidents/\(incident.id)").text
            for action in ["acknowledge", "assign", "comment", "resolve"] {
                #expect(page.contains("action=\"/incidents/\(incident.id)/\(action)\""), "\(action)")
            }
            #expect(page.contains("clinic/2 took over from clinic/1."))
            #expect(page.contains("&lt;age&gt;") && !page.contains("<age>"))
            #expect(page.contains("Follow the runbook: <a href=\"https://wiki/x\">"))
            // From the incident to the alert, its column and its monitor, and to what helps.
            #expect(page.contains("/monitors/health/columns/%3Cage%3E") && page.contains("href=\"/monitors/health\""))
            #expect(page.contains("<code>martlet monitors drift health --family drift</code>"))
            let list = try await server.get("/incidents").text
            #expect(list.contains("<h2>Open</h2>") && list.contains("ann") && !list.contains("<h2>Over</h2>"))
            #expect(!page.contains("style=") && !page.contains("<script>"))
            let comment = try await server.send(
                .POST, "/incidents/\(incident.id)/comment", body: "words=a+new+%E2%98%82+lab", type: form)
            // The client follows to the page.
            #expect(comment.status == 200 || comment.status == 303)
            #expect(try await server.get("/incidents/\(incident.id)").text.contains("local: a new ☂ lab"))
            _ = try await server.send(
                .POST, "/incidents/\(incident.id)/resolve", body: "cause=false_alarm&words=", type: form)
            #expect(try await fixture.newest()?.cause == .falseAlarm)
            #expect(try await server.get("/incidents").text.contains("false alarm"))
            #expect(try await server.get("/incidents/report").text.contains("alerts without action"))
            let refused = try await server.send(
                .POST, "/incidents/\(incident.id)/reopen", body: "", type: form, headers: ["Origin": "https://evil"])
            #expect(refused.status == 403)
        }
    }

    @Test func silencesAreListedAddedAndEnded() async throws {
        try await run { fixture, server, _ in
            let form = "application/x-www-form-urlencoded"
            func post(_ path: String, _ body: String) async throws -> Int {
                try await server.send(.POST, path, body: body, type: form, headers: ["Origin": server.url]).status
            }
            #expect(try await server.get("/silences").text.contains("Nothing is silenced."))
            #expect(try await post("/silences/add", "monitor=health&minutes=60") == 404)
            let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: health}\nspec: {}\n"
            _ = try await fixture.manifests.apply(yaml: yaml, by: "ann")
            #expect(try await server.get("/silences?monitor=health").text.contains("<option selected>health</option>"))
            let asked = "monitor=health&family=drift&subject=%3Cage%3E&minutes=60&words=a+%3Cb%3Enew%3C%2Fb%3E+lab"
            #expect(try await post("/silences/add", asked) == 200)
            let silence = try #require(try await fixture.incidents.silences().first)
            #expect(silence.subject == "<age>" && silence.family == .drift)
            let page = try await server.get("/silences").text
            #expect(page.contains("&lt;age&gt;") && page.contains("a &lt;b&gt;new&lt;/b&gt; lab"))
            #expect(page.contains("action=\"/silences/\(silence.id)/end\""))
            #expect(try await post("/silences/add", "monitor=health&minutes=0") == 400)
            #expect(try await post("/silences/add", "monitor=health&minutes=60&family=magic") == 400)
            #expect(try await post("/silences/\(silence.id)/end", "") == 200)
            #expect(try await fixture.incidents.silences() == [])
            #expect(try await post("/silences/\(silence.id)/end", "") == 404)
        }
    }

    /// Predictions may be of endpoints elsewhere, which nobody can roll back here.
    @Test(arguments: [false, true]) func whatIsRolledBackHereIsServedHere(isServed: Bool) async throws {
        try await run { fixture, server, incident in
            try await fixture.open(["p99"], family: .latency, from: IncidentFixture.source())
            if isServed {
                let yaml = "apiVersion: martlet/v1\nkind: Endpoint\nmetadata: {name: clinic}\nspec: {}\n"
                _ = try await fixture.manifests.apply(yaml: yaml, by: "ann")
            }
            let alert = try #require(
                try await fixture.incidents.alerts(of: incident.id).last { $0.topic.family == .latency })
            for path in ["/incidents/\(incident.id)", "/alerts/\(alert.id)"] {
                let page = try await server.get(path).text
                #expect(page.contains("take it back"))
                #expect(page.contains("martlet endpoints rollback clinic") == isServed, "\(path)")
                // The time line leads to where something happened in any case.
                guard path.hasPrefix("/alerts") else { continue }
                #expect(page.contains("href=\"/endpoints/clinic\"") == isServed)
            }
        }
    }

    @Test func channelsSayWhetherTheyWorkAndHowToTryThem() {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let failed = Telling(
            incidentID: "i-1", channel: "on-call", told: nil, toldAt: nil, failure: "No such host.", failedAt: now)
        let status = ChannelStatus(name: "on-call", kind: "webhook", latest: failed)
        let page = ChannelPage.list([status], now: now, origin: "http://here:1").body.text
        for words in [
            "fails", "No such host.", "/incidents/i-1", "martlet channels test on-call --server http://here:1",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        let empty = ChannelPage.list([], now: now, origin: "http://here:1").body.text
        #expect(empty.contains("martlet apply --server http://here:1 -f - &lt;&lt;&#39;END&#39;"))
    }

    @Test func silencesAlertsForAWhile() async throws {
        try await run { fixture, server, _ in
            let alert = try #require(try await fixture.alerts.alerts(limit: 1).first)
            let silence = try await server.post("/api/v1/alerts/\(alert.id)/silence", json: ["minutes": 60]).json
            #expect(silence["monitor"] == "health")
            #expect(silence["family"] == "drift")
            let body: JSON = ["monitor": "other", "subject": "age", "minutes": 5]
            #expect(try await server.post("/api/v1/silences", json: body).status == 200)
            #expect(try await server.get("/api/v1/silences").json["silences"]?.arrayValue?.count == 2)
            for wrong: JSON in [
                ["minutes": 5], ["monitor": "a", "minutes": 0], ["monitor": "a", "family": "x", "minutes": 5],
            ] {
                #expect(try await server.post("/api/v1/silences", json: wrong).status == 400)
            }
            let id = try #require(silence["silence_id"]?.stringValue)
            #expect(try await server.send(.DELETE, "/api/v1/silences/\(id)").status == 200)
            #expect(try await server.send(.DELETE, "/api/v1/silences/\(id)").status == 404)
            #expect(try await server.get("/alerts/\(alert.id)").text.contains("action=\"/alerts/\(alert.id)/silence\""))
        }
    }
}
