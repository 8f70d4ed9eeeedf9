import Incidents
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct WindowCutterTests {
    private static func lane(_ version: Int, variant: String = "main", model: String = "m") -> TrafficSlice {
        TrafficSlice(variant: variant, model: model, version: version)
    }

    /// Places rows, one a second, and tells how many each window got and in which order they closed.
    private static func cut(
        _ cutter: inout WindowCutter, _ lanes: [TrafficSlice]
    ) -> (rows: [Int: Int], closed: [Int]) {
        var rows: [Int: Int] = [:]
        var closed: [Int] = []
        for (second, lane) in lanes.enumerated() {
            let (number, done) = cutter.place(lane, at: Timestamp(milliseconds: Int64(second) * 1_000))
            rows[number, default: 0] += 1
            closed += done.map(\.number)
        }
        return (rows, closed)
    }

    private static func repeated(_ lane: TrafficSlice, _ count: Int) -> [TrafficSlice] {
        Array(repeating: lane, count: count)
    }

    @Test func closesAWindowWithItsLastRow() {
        var cutter = WindowCutter(size: .rows(5))
        let (rows, closed) = Self.cut(&cutter, Self.repeated(Self.lane(1), 12))
        #expect(rows == [1: 5, 2: 5, 3: 2])
        #expect(closed == [1, 2])
        #expect(cutter.open[Self.lane(1)]?.rows == 2)
    }

    @Test func placesManyRowsAsOneAfterTheOther() {
        var numbers = SeededNumbers(seed: 4)
        var (one, many) = (WindowCutter(size: .rows(7)), WindowCutter(size: .rows(7)))
        for second in 0..<200 {
            let (lane, time) = (Self.lane(1 + second / 70), Timestamp(milliseconds: Int64(second) * 1_000))
            let count = 1 + Int(numbers.uniform() * 20)
            var expected: [Int] = []
            var closed: [Int] = []
            for _ in 0..<count {
                let (number, done) = one.place(lane, at: time)
                expected.append(number)
                closed += done.map(\.number)
            }
            var placed: [Int] = []
            while placed.count < count {
                let (number, taken, done) = many.place(lane, at: time, arrival: nil, upTo: count - placed.count)
                placed += Array(repeating: number, count: taken)
                closed = Array(closed.dropFirst(closed.starts(with: done.map(\.number)) ? done.count : 0))
            }
            #expect(placed == expected)
            #expect(closed.isEmpty)
        }
        #expect(one == many)
    }

    @Test func givesEachVariantWindowsOfItsOwn() {
        var cutter = WindowCutter(size: .rows(3))
        let lanes = (0..<12).map { Self.lane(1, variant: $0 % 2 == 0 ? "a" : "b") }
        let (rows, closed) = Self.cut(&cutter, lanes)
        #expect(rows == [1: 3, 2: 3, 3: 3, 4: 3])
        #expect(closed == [1, 2, 3, 4])
    }

    @Test func closesTheRestOfAVersionThatWasReplaced() {
        var cutter = WindowCutter(size: .rows(50))
        let (rows, closed) = Self.cut(&cutter, Self.repeated(Self.lane(1), 60) + Self.repeated(Self.lane(2), 50))
        #expect(rows == [1: 50, 2: 10, 3: 50])
        #expect(closed == [1, 2, 3])
        #expect(cutter.open.isEmpty)
    }

    @Test func leavesTheWindowOfACandidateOpenWhileItGetsFewRows() {
        var cutter = WindowCutter(size: .rows(10))
        let lanes = Self.repeated(Self.lane(2), 1) + Self.repeated(Self.lane(1), 40)
        let (_, closed) = Self.cut(&cutter, lanes)
        #expect(closed == [2, 3, 4, 5])
        #expect(cutter.open[Self.lane(2)]?.rows == 1)
    }

    @Test func countsStretchesOfMinutesByTheRowsOwnTimes() {
        var cutter = WindowCutter(size: .minutes(5))
        let late = cutter.place(Self.lane(1), at: Timestamp(milliseconds: 299_999))
        let next = cutter.place(Self.lane(1), at: Timestamp(milliseconds: 300_000))
        let ancient = cutter.place(Self.lane(1), at: Timestamp(milliseconds: -1))
        #expect([late.number, next.number, ancient.number] == [0, 1, -1])
        #expect(late.closed.isEmpty && next.closed.isEmpty)
    }

    @Test func closesWhatIsIdle() {
        var cutter = WindowCutter(size: .rows(50))
        _ = Self.cut(&cutter, Self.repeated(Self.lane(1), 3) + Self.repeated(Self.lane(1, variant: "b"), 3))
        #expect(cutter.closeIdle(since: Timestamp(milliseconds: 3_000)).map(\.number) == [1])
        #expect(cutter.open.values.map(\.number) == [2])
    }
}
