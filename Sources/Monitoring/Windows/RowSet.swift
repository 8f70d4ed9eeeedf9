/// Some rows of a table, by place, ascending: mostly long stretches of them.
struct RowSet: Sendable, Equatable {
    private(set) var ranges: [Range<Int>] = []

    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Behind the last one.
    var end: Int { ranges.last?.upperBound ?? 0 }

    /// The place of the first range with rows behind this one.
    func range(endingBehind row: Int) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// - Parameter row: behind all that are there.
    mutating func append(_ row: Int) {
        if let last = ranges.last, last.upperBound == row {
            ranges[ranges.count - 1] = last.lowerBound..<row + 1
        } else {
            ranges.append(row..<row + 1)
        }
    }

    /// - Parameter rows: behind all that are there.
    mutating func append(_ rows: Range<Int>) {
        if let last = ranges.last, last.upperBound == rows.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<rows.upperBound
        } else if !rows.isEmpty {
            ranges.append(rows)
        }
    }

    /// Those that meet a condition.
    func filter(_ isIn: (Int) -> Bool) -> RowSet {
        var rows = RowSet()
        forEach { if isIn($0) { rows.append($0) } }
        return rows
    }

    func contains(_ row: Int) -> Bool {
        let place = range(endingBehind: row)
        return place < ranges.count && ranges[place].contains(row)
    }

    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for range in ranges { for row in range { body(row) } }
    }
}
