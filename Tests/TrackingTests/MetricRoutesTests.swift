import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Tracking

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct MetricRoutesTests {
    private func run(_ body: (TrackingFixture, LiveServer, String) async throws -> Void) async throws {
        try await TrackingFixture.serve { fixture, server in
            try await body(fixture, server, try await fixture.run("r"))
        }
    }

    private func log(_ points: [Metric], to id: String, of fixture: TrackingFixture) async throws {
        for start in stride(from: 0, to: points.count, by: 1000) {
            let portion = Array(points[start..<min(start + 1000, points.count)])
            try await fixture.runs.log(RunBatch(metrics: portion), to: id, by: "ann")
        }
    }

    @Test func historiesAreOrderedByTimestampThenStepThenValue() async throws {
        try await run { fixture, server, id in
            let points = [(2, 0, 5.0), (1, 9, 1), (1, 3, 2), (1, 3, 1), (1, 3, 1)].map { time, step, value in
                Metric(key: "m", value: value, timestamp: Timestamp(milliseconds: Int64(time)), step: Int64(step))
            }
            try await log(points, to: id, of: fixture)
            let history = try await server.mlflow(get: "metrics/get-history?run_id=\(id)&metric_key=m").json
            #expect(
                history == [
                    "metrics": [
                        ["key": "m", "value": 1.0, "timestamp": 1, "step": 3],
                        ["key": "m", "value": 2.0, "timestamp": 1, "step": 3],
                        ["key": "m", "value": 1.0, "timestamp": 1, "step": 9],
                        ["key": "m", "value": 5.0, "timestamp": 2, "step": 0],
                    ]
                ], "A point that is sent again is the same point.")
        }
    }

    @Test(
        arguments: [
            (points: [(1, 1, 5.0), (9, 0, 7)], latest: 5.0), (points: [(1, 1, 5.0), (2, 1, 3)], latest: 3),
            (points: [(1, 1, 5.0), (1, 1, 7), (1, 1, 6)], latest: 7), (points: [(1, -5, 1.0), (1, -6, 2)], latest: 1),
            (points: [(1, 1, -1.0), (1, 1, .nan)], latest: .nan), (points: [(1, 1, .nan), (1, 1, 1.0)], latest: 1),
        ] as [([(Int64, Int64, Double)], Double)])
    func theLatestIsOfTheGreatestStepThenTimestampThenValue(
        points: [(Int64, Int64, Double)], latest: Double
    ) async throws {
        try await run { fixture, _, id in
            let points = points.map { time, step, value in
                Metric(key: "m", value: value, timestamp: Timestamp(milliseconds: time), step: step)
            }
            // At once, and one after the other.
            try await log(points, to: id, of: fixture)
            let other = try await fixture.run("other")
            for point in points { try await log([point], to: other, of: fixture) }
            for run in [id, other] {
                let found = try #require(try await fixture.runs.run(run).metrics.first?.value)
                #expect(found == latest || (found.isNaN && latest.isNaN), "\(found)")
            }
        }
    }

    @Test func historiesArePagedWhenAskedTo() async throws {
        try await run { fixture, server, id in
            try await log((0..<5).map { .at($0, Double($0)) }, to: id, of: fixture)
            let path = "metrics/get-history?run_id=\(id)&metric_key=m"
            let all = try await server.mlflow(get: path).json
            #expect(all["metrics"]?.arrayValue?.count == 5)
            #expect(all["next_page_token"] == nil)
            let first = try await server.mlflow(get: path + "&max_results=3").json
            let token = try #require(first["next_page_token"]?.stringValue).replacing("=", with: "%3D")
            let rest = try await server.mlflow(get: path + "&max_results=3&page_token=\(token)").json
            #expect(rest["metrics"]?.arrayValue?.compactMap { $0["step"] } == [3, 4])
            #expect(rest["next_page_token"] == nil)
            #expect(try await server.mlflow(get: path + "&max_results=0").status == 400)
            #expect(try await server.mlflow(get: path + "&page_token=zzz").status == 400)
            for unknown in ["run_id=\(id)&metric_key=x", "run_id=f00&metric_key=m"] {
                #expect(try await server.mlflow(get: "metrics/get-history?\(unknown)").json == [:])
            }
            #expect(try await server.mlflow(get: "metrics/get-history?run_id=\(id)").status == 400)
        }
    }

    @Test func historiesOfManyRunsComeTogetherWithBareNaN() async throws {
        try await run { fixture, server, id in
            let other = try await fixture.run("other")
            try await log([.at(1, 1), .at(2, .nan)], to: id, of: fixture)
            try await log([.at(1, 3)], to: other, of: fixture)
            let path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m"
            let answer = try await server.get("\(path)&run_id=\(id)&run_id=\(other)")
            #expect(answer.status == 200)
            #expect(answer.text.contains("NaN") && !answer.text.contains("\"NaN\""))
            #expect(answer.text.matches(of: /"run_id"/).count == 3)
            let one = try await server.get("\(path)&run_id=\(other)&max_results=1").json
            #expect(
                one["metrics"] == [["key": "m", "value": 3.0, "timestamp": 1, "step": 1, "run_id": .string(other)]])
            #expect(try await server.get(path).status == 400)
            let many = (0..<101).map { "&run_id=\($0)" }.joined()
            #expect(try await server.get(path + many).status == 400)
        }
    }

    @Test func longHistoriesAreSampledEvenly() async throws {
        try await run { fixture, server, id in
            try await log((0..<2600).map { .at($0, Double($0)) }, to: id, of: fixture)
            func steps(_ query: String) async throws -> [Int64] {
                let path = "metrics/get-history-bulk-interval?metric_key=m&run_ids=\(id)\(query)"
                let points = try await server.mlflow(get: path).json["metrics"]?.arrayValue ?? []
                return points.compactMap { $0["step"]?.integerValue }
            }
            let all = try await steps("")
            #expect(all.count == 2500)
            #expect(all.first == 0 && all.last == 2599)
            #expect(try await steps("&max_results=5") == [0, 520, 1040, 1560, 2599])
            #expect(try await steps("&max_results=1") == [2599])
            #expect(try await steps("&start_step=10&end_step=12") == [10, 11, 12])
            #expect(try await steps("&run_ids=f00&start_step=5&end_step=5") == [5])
            for query in [
                "&start_step=1", "&end_step=1", "&start_step=2&end_step=1", "&max_results=0", "&max_results=2501",
            ] {
                let path = "metrics/get-history-bulk-interval?metric_key=m&run_ids=\(id)\(query)"
                #expect(try await server.mlflow(get: path).verdict == "400 INVALID_PARAMETER_VALUE", "\(query)")
            }
        }
    }

    @Test func placesOfSamplesAreEvenAndEndAtBothEnds() {
        #expect(Sampling.evenPlaces(count: 0, limit: 3) == [])
        #expect(Sampling.evenPlaces(count: 3, limit: 3) == [0, 1, 2])
        #expect(Sampling.evenPlaces(count: 7, limit: 3) == [0, 3, 6])
        #expect(Sampling.evenPlaces(count: 100, limit: 1) == [99])
        for count in 2...60 {
            for limit in 2...count {
                let places = Sampling.evenPlaces(count: count, limit: limit)
                #expect(places.count == limit && places.first == 0 && places.last == count - 1)
                #expect(places == Set(places).sorted())
            }
        }
    }
}
