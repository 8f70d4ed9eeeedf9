import Testing

@testable import Runtimes

@Suite struct BatchLineTests {
    @Test func letsARequestThroughWhileNothingIsUnderWay() {
        var line = BatchLine<String>(maximumRows: 8, longest: 4, lanes: 1)
        let begins = [line.begin(), line.begin()]
        #expect(begins == [true, false])
    }

    @Test func putsThoseOfOneKindTogetherThatWaitForALane() {
        var line = BatchLine<String>(maximumRows: 8, longest: 9, lanes: 1)
        _ = line.begin()
        for (number, kind) in [(1, "a"), (2, "b"), (3, "a")] {
            line.append(number, kind: kind, rows: 1, isDue: true)
        }
        var groups = [line.next()]
        for _ in 0..<3 {
            line.finish()
            groups.append(line.next())
        }
        #expect(groups == [nil, [1, 3], [2], nil])
    }

    @Test func putsNoMoreRowsTogetherThanMayGo() {
        var line = BatchLine<String>(maximumRows: 4, longest: 9, lanes: 9)
        for (number, rows) in [(1, 3), (2, 1), (3, 2), (4, 9), (5, 1)] {
            line.append(number, kind: "a", rows: rows, isDue: true)
        }
        let groups = [line.next(), line.next(), line.next(), line.next(), line.next()]
        #expect(groups == [[1, 2], [3], [4], [5], nil])
    }

    @Test func sendsWhatHasNoKindAlone() {
        var line = BatchLine<String>(maximumRows: 4, longest: 9, lanes: 9)
        for number in 1...2 { line.append(number, kind: nil, rows: 1, isDue: false) }
        let groups = [line.next(), line.next()]
        #expect(groups == [[1], [2]])
    }

    @Test func keepsRequestsBackUntilOneIsDueOrTheBatchIsFull() {
        var line = BatchLine<String>(maximumRows: 3, longest: 9, lanes: 9)
        line.append(1, kind: "a", rows: 1, isDue: false)
        line.append(2, kind: "a", rows: 1, isDue: false)
        var groups = [line.next()]
        line.makeDue(1)
        groups.append(line.next())
        line.append(3, kind: "a", rows: 2, isDue: false)
        line.append(4, kind: "a", rows: 1, isDue: false)
        groups.append(line.next())
        #expect(groups == [nil, [1, 2], [3, 4]])
    }

    @Test func forgetsThoseThatHaveGivenUp() {
        var line = BatchLine<String>(maximumRows: 3, longest: 1, lanes: 9)
        line.append(1, kind: "a", rows: 1, isDue: true)
        #expect(line.isFull)
        line.remove(1)
        let next = line.next()
        #expect(next == nil)
    }
}
