import Foundation
import FoundationXML
import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Wire

/// Curves as files: whole, however long they are.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct CurveFileTests {
    private func lines(_ server: LiveServer, _ query: String) async throws -> [String] {
        let answer = try await server.get("/curves.csv?\(query)")
        #expect(answer.status == 200 && answer.header("Content-Type") == "text/csv; charset=utf-8")
        #expect(answer.header("Content-Disposition") == "attachment; filename=\"curves.csv\"")
        return answer.text.split(separator: "\r\n").map(String.init)
    }

    /// More than fits into memory's portions, several points at one moment and at one step, and some that are no numbers.
    @Test func hasEachPointOnce() async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("r")
            let points = (0..<12_000).map { place -> Metric in
                let value: Double = place % 100 == 7 ? .nan : Double(place)
                return Metric(
                    key: "loss", value: value, timestamp: Timestamp(milliseconds: Int64(place / 10)),
                    step: Int64(place / 3))
            }
            for start in stride(from: 0, to: points.count, by: 1000) {
                try await fixture.runs.log(RunBatch(metrics: Array(points[start..<start + 1000])), to: run, by: "ann")
            }
            let lines = try await lines(server, "runs=\(run)&key=loss")
            #expect(lines[0] == "run_id,run_name,metric,step,time,value")
            #expect(lines.count == 12_001 && Set(lines).count == lines.count)
            #expect(lines.contains("\(run),r,loss,3,1970-01-01T00:00:00.001Z,11"), "\(lines.prefix(20))")
            #expect(lines.filter { $0.hasSuffix(",NaN") }.count == 120)
            let times = lines.dropFirst().map { $0.split(separator: ",")[4] }
            #expect(times == times.sorted())
            // As it is looked at.
            let stretch = try await self.lines(server, "runs=\(run)&key=loss&from=10&to=11.5")
            #expect(stretch.dropFirst().map { $0.split(separator: ",")[3] } == ["10", "10", "10", "11", "11", "11"])
            #expect(try await self.lines(server, "runs=\(run)&key=loss&x=time&from=4.5&to=5.5").count == 11)
        }
    }

    @Test func hasAllCurvesOfAChart() async throws {
        try await TrackingFixture.serve { fixture, server in
            let first = try await fixture.run("=cmd, <1>", startMs: 1000)
            let second = try await fixture.run("plain", startMs: 2000)
            for run in [first, second] {
                try await fixture.runs.log(
                    RunBatch(metrics: [.at(1500, 1, key: "a b"), .at(2500, 2, key: "a b")]), to: run, by: "ann")
            }
            let all = try await lines(server, "runs=\(first),\(second),nosuch&key=a%20b")
            #expect(all.count == 5 && all[1] == "\(first),\"'=cmd, <1>\",a b,1500,1970-01-01T00:00:01.500Z,1")
            // Since each run began.
            let since = try await lines(server, "runs=\(first),\(second)&key=a%20b&x=relative&from=400&to=600")
            #expect(since.dropFirst().map { $0.prefix(32) } == [first[...], second[...]])
            #expect(try await lines(server, "runs=\(first)&key=none").count == 1)
        }
    }

    @Test(arguments: [
        ("runs=RUN", 400), ("key=a", 400), ("runs=nosuch&key=a", 404), ("runs=RUN&key=a&from=x", 400),
        ("runs=RUN&key=a&x=sideways", 400),
    ])
    func refusesWhatIsNoCurve(query: String, status: Int) async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("r")
            let answer = try await server.get("/curves.csv?\(query.replacing("RUN", with: run))")
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    /// Whatever runs are called, the drawing is XML that stands alone.
    @Test func isADrawing() async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("<b>&\u{1}\u{FFFE}]]> r")
            let other = try await fixture.run("plain")
            for id in [run, other] {
                try await fixture.runs.log(
                    RunBatch(
                        metrics: (0..<20).map { .at($0, Double($0 * $0), key: "loss") } + [.at(0, .nan, key: "lost")]),
                    to: id, by: "ann")
            }
            let answer = try await server.get("/curves.svg?runs=\(run),\(other)&key=loss&smooth=0.6")
            #expect(answer.header("Content-Type") == "image/svg+xml")
            #expect(answer.header("Content-Disposition") == "attachment; filename=\"curves.svg\"")
            #expect(XMLParser(data: Data(answer.text.utf8)).parse(), "\(answer.text)")
            #expect(answer.text.matches(of: /<polyline class="series-[12] ground"/).count == 2)
            #expect(answer.text.contains("&lt;b&gt;&amp;]]&gt; r") && answer.text.contains("--tone: #0a6aa8"))
            #expect(try await server.get("/curves.svg?runs=\(run)&key=lost").status == 404)
        }
    }

    @Test func chartsLeadToTheirFiles() async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("r")
            try await fixture.runs.log(
                RunBatch(metrics: [.at(0, 1, key: "a/b c"), .at(1, 2, key: "a/b c")]), to: run, by: "ann")
            let page = try await server.get("/runs/\(run)?from=0&to=9&smooth=0.6", headers: ["Accept": "text/html"])
                .text
            let link = try #require(
                page.firstMatch(of: /<a href="(\/curves.csv[^"]*)" download aria-label="a\/b c as CSV">/))
            let path = String(link.1).replacing("&amp;", with: "&")
            #expect(path == "/curves.csv?runs=\(run)&key=a%2Fb%20c&from=0.0&to=9.0")
            #expect(try await server.get(path).text.split(separator: "\r\n").count == 3)
        }
    }
}
