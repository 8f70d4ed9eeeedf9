import Foundation
import TestSupport
import Testing
import Wire

@testable import Tracking

/// Curves as a chart has room for them, on every engine.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct CurveTests {
    private func curve(
        _ points: [Metric], key: String = "m", _ change: (inout CurveView) -> Void = { _ in }
    ) async throws -> [Curve] {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("r", startMs: 1000)
        for start in stride(from: 0, to: points.count, by: 1000) {
            let part = Array(points[start..<min(start + 1000, points.count)])
            try await fixture.runs.log(RunBatch(metrics: part), to: run, by: "ann")
        }
        var view = CurveView()
        change(&view)
        return try await fixture.metrics.curves(of: [key], runs: [try await fixture.runs.run(run).info], view)
    }

    @Test func fewPointsAreEachAPiece() async throws {
        let curves = try await curve([.at(5, 1), .at(0, 3), .at(2, .nan)])
        #expect(curves.count == 1)
        #expect(curves[0].pieces.map(\.x) == [0, 2, 5])
        #expect(curves[0].pieces.map(\.count) == [1, 1, 1])
        #expect(curves[0].pieces[0].mean == 3 && curves[0].pieces[1].mean.isNaN && curves[0].pieces[2].mean == 1)
        #expect(!curves[0].isCondensed)
    }

    /// The points of many steps come to some hundred pieces, of which none has lost its highest or its lowest point.
    @Test func manyPointsKeepTheirPeaks() async throws {
        let peaks = [3333: 100.0, 4444: -100]
        let points = (0..<5000).map { (step: Int) -> Metric in
            Metric.at(Int64(step), peaks[step] ?? sin(Double(step) / 500))
        }
        let curve = try #require(try await curve(points).first)
        #expect((200...401).contains(curve.pieces.count))
        #expect(curve.isCondensed)
        #expect(curve.pieces.map(\.count).reduce(0, +) == 5000)
        #expect(curve.pieces.map(\.high).max() == 100 && curve.pieces.map(\.low).min() == -100)
        #expect(curve.pieces.map(\.x) == curve.pieces.map(\.x).sorted())
        for piece in curve.pieces {
            #expect(piece.low <= piece.mean && piece.mean <= piece.high)
            if piece.high - piece.low < 1 { #expect(abs(piece.mean - sin(piece.x / 500)) < 0.05) }
        }
    }

    /// A closer look has more pieces of the same stretch.
    @Test func aStretchIsDividedAnew() async throws {
        let points = (0..<5000).map { Metric.at(Int64($0), Double($0)) }
        let near = try #require(
            try await curve(points) {
                $0.from = 999.5
                $0.to = 1200
            }.first)
        #expect(near.pieces.count == 201)
        #expect(near.pieces.first?.x == 1000 && near.pieces.last?.x == 1200)
        let none = try await curve(points) { $0.from = 1e9 }
        #expect(none == [])
    }

    @Test func timeIsTheDaysOrTheRuns() async throws {
        let points = [Metric.at(1500, 1), .at(4000, 2)]
        #expect(try await curve(points) { $0.axis = .time }.first?.pieces.map(\.x) == [1500, 4000])
        // The run began at 1000 ms.
        let since = try await curve(points) {
            $0.axis = .relative
            $0.from = 600
        }
        #expect(since.first?.pieces.map(\.x) == [3000])
    }

    /// What another metric was at the same step; where it has nothing there is no point.
    @Test func anotherMetricMayStandBelow() async throws {
        let squares = (0..<10).map { (step: Int) -> Metric in .at(Int64(step), Double(step * step)) }
        let others = (0..<8).map { (step: Int) -> Metric in .at(Int64(step), Double(10 - step), key: "other") }
        let points = squares + others
        let curve = try #require(try await curve(points) { $0.axis = .metric("other") }.first)
        #expect(curve.pieces.map(\.x) == [3, 4, 5, 6, 7, 8, 9, 10])
        #expect(curve.pieces.map(\.mean) == [49, 36, 25, 16, 9, 4, 1, 0])
        #expect(try await self.curve(points) { $0.axis = .metric("nothing") } == [])
    }

    /// Neither steps at both ends of what there are nor numbers that cannot be added up bring an engine to its limits.
    @Test func bearsTheLargestNumbers() async throws {
        let curve = try #require(
            try await curve([
                Metric(key: "m", value: 1, timestamp: Timestamp(milliseconds: 0), step: .min),
                Metric(key: "m", value: 2, timestamp: Timestamp(milliseconds: 1), step: .max),
                .at(0, .greatestFiniteMagnitude), .at(0, -.greatestFiniteMagnitude),
                Metric(key: "m", value: .greatestFiniteMagnitude, timestamp: Timestamp(milliseconds: 7), step: 0),
            ]).first)
        // What lies beyond 2^61 steps is left out: no chart could show it beside the rest.
        #expect(curve.pieces.map(\.count) == [3])
        #expect(curve.pieces[0].mean.isNaN)
    }

    @Test func onlyWhatHasACourseIsACurve() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("r")
        let points: [Metric] = [
            .at(0, 1, key: "once"), .at(0, 1, key: "steps"), .at(1, 1, key: "steps"), .at(0, .nan, key: "lost"),
            .at(3, 1, key: "twice"), .at(3, 2, key: "twice"),
        ]
        try await fixture.runs.log(RunBatch(metrics: points), to: run, by: "ann")
        #expect(try await fixture.metrics.longKeys(of: [run]) == ["lost", "steps", "twice"])
    }
}

struct SmoothingTests {
    private func pieces(_ means: [Double], counts: [Int]) -> [Curve.Piece] {
        zip(means, counts).enumerated().map { place, piece in
            Curve.Piece(x: Double(place), count: piece.1, mean: piece.0, low: piece.0, high: piece.0)
        }
    }

    /// As TensorBoard's: debiased, so that the first value is itself.
    @Test func followsTheMovingAverage() {
        let curve = Curve(key: "m", run: "r", pieces: pieces([1, 2, 4], counts: [1, 1, 1]))
        let smooth = curve.smoothed(0.5).map(\.mean)
        // (0.5 1) / 0.5; (0.25 1 + 0.5 2) / 0.75; (0.125 1 + 0.25 2 + 0.5 4) / 0.875.
        #expect(zip(smooth, [1, 1.25 / 0.75, 2.625 / 0.875]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(curve.smoothed(0).map(\.mean) == [1, 2, 4])
    }

    /// Four points in one piece pull as much as four pieces of a point.
    @Test func condensingDoesNotMakeItRougher() throws {
        let all = Curve(
            key: "m", run: "r",
            pieces: pieces([0] + Array(repeating: 1, count: 8), counts: Array(repeating: 1, count: 9)))
        let condensed = Curve(key: "m", run: "r", pieces: pieces([0, 1, 1], counts: [1, 4, 4]))
        let (long, short) = (try #require(all.smoothed(0.8).last), try #require(condensed.smoothed(0.8).last))
        #expect(abs(long.mean - short.mean) < 1e-12)
    }

    @Test func passesOverWhatIsNoNumber() {
        let curve = Curve(key: "m", run: "r", pieces: pieces([1, .nan, 1], counts: [1, 1, 1]))
        let smooth = curve.smoothed(0.9).map(\.mean)
        #expect(smooth[0] == 1 && smooth[1].isNaN && abs(smooth[2] - 1) < 1e-12)
    }
}

struct CurveViewTests {
    private func view(_ query: [String: String]) throws -> CurveView { try CurveView { query[$0] } }

    @Test func whatTheAddressSaysIsSaidAgain() throws {
        let query = [
            "charts": "val loss", "charts_from": "12", "from": "1.5", "smooth": "0.6", "to": "9.0", "x": "metric:epoch",
            "xscale": "log", "yscale": "log",
        ]
        let view = try view(query)
        #expect(Dictionary(uniqueKeysWithValues: view.parameters.map { ($0.name, $0.value) }) == query)
        #expect(try self.view([:]).parameters.isEmpty)
        #expect(view.shows("Loss/VAL_1") && !view.shows("loss"))
    }

    @Test(
        arguments: [
            ["x": "sideways"], ["smooth": "1"], ["smooth": "-0.1"], ["smooth": "nan"], ["from": "inf"], ["to": "x"],
            ["from": "2", "to": "1"], ["charts_from": "-1"], ["charts_from": "9223372036854775807"], ["x": "metric:"],
        ])
    func refusesWhatNoViewCanBe(query: [String: String]) {
        #expect(throws: FieldProblem.self) { try view(query) }
    }
}
