import Incidents
import TestSupport
import Testing
import Web
import Wire

@testable import Monitoring

/// Pages of a monitor over a stretch of time, by rules, and by what was wrong with rows.
extension MonitorRoutesTests {
    @Test func aStretchOfTimeIsInTheAddress() async throws {
        try await run { fixture, server in
            for path in ["/monitors/health", "/monitors/health/columns/radius", "/monitors/health/quality"] {
                let month = try await server.get("\(path)?range=month")
                #expect(month.status == 200, "\(path)")
                #expect(month.text.contains("<b>last month</b>"), "\(path)")
                #expect(try await server.get("\(path)?range=year").status == 400, "\(path)")
                let past = try await server.get("\(path)?from=2001-01-01&to=2001-01-02")
                #expect(past.status == 200, "\(path)")
                #expect(past.text.contains("value=\"2001-01-01T00:00\""), "\(path)")
            }
            #expect(try await server.get("/monitors/health?range=month").text.contains("Effect by window"))
            let past = try await server.get("/monitors/health?from=2001-01-01&to=2001-01-02").text
            #expect(past.contains("No window of this monitor lies in this time"))
            let hour = try await server.get("/monitors/health/traffic?range=hour").text
            #expect(hour.contains("Calls by minute"))
            #expect(try await server.get("/monitors/health/traffic?range=month").text.contains("Calls by day"))
        }
    }

    @Test func windowsOfAStretchAreThoseThatLieInIt() async throws {
        try await run { fixture, _ in
            let all = try await fixture.store.windows(of: "health", limit: 60).filter { $0.lane != .whole }
            let third = all[2]
            let found = try await fixture.store.windows(of: "health", in: third.start...third.end, limit: 60)
            #expect(found.windows.contains { $0.number == third.number })
            #expect(found.count == all.count { $0.end >= third.start && $0.start <= third.end })
            let before = try await fixture.store.windows(
                of: "health", in: Timestamp(milliseconds: 0)...(all[0].start + .seconds(-1)), limit: 60)
            #expect(before.windows == [] && before.count == 0)
        }
    }

    @Test func rulesSayWhereTheyComeFrom() async throws {
        try await run { fixture, server in
            let page = try await server.get("/monitors/health/rules").text
            for words in [
                "drift.minimum_effect", "manifest", "default", "/manifests/monitors/health", "a finding counted from p",
            ] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("style=") && !page.contains("<script>"))
            #expect(try await server.get("/monitors/other/rules").status == 404)
        }
    }

    @Test func whatIsNotServedHereIsNotRolledBackHere() async throws {
        try await run { fixture, server in
            let alert = try #require(try await fixture.alerts.alerts(limit: 1).first)
            #expect(
                alert.advice(isServed: true).contains { $0.command?.contains("endpoints") == true }
                    == (alert.topic.family != .drift))
            let page = try await server.get("/monitors/health").text
            #expect(!page.contains("href=\"/endpoints/"))
        }
    }
}
