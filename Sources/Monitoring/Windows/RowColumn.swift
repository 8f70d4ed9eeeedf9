import Statistics

/// The values of one column in some rows. It takes as much memory as there are rows that have the column, however many there
/// are besides.
struct RowColumn: Sendable {
    enum Cell: UInt8, Sendable {
        case absent, masked, missing, number, text
    }

    /// The rows that have the column, ascending; empty while these are all rows up to the last one.
    private var rows: [Int32] = []
    /// Of the rows that have the column.
    private var cells: [Cell] = []
    /// As long as `cells`; of those with a number.
    private var numbers: [Double] = []
    /// Of those with a text; empty when there are none.
    private var texts: [String] = []
    /// How many of the rows have a number.
    private var numberCount = 0
    private var hasMasked = false

    // MARK: Reading

    func cell(_ row: Int) -> Cell {
        let place = place(from: row)
        return place < cells.count && self.row(at: place) == row ? cells[place] : .absent
    }

    /// Nil where the row does not have the column, or it is masked.
    func value(_ row: Int) -> ColumnValue? {
        let place = place(from: row)
        return place < cells.count && self.row(at: place) == row ? value(at: place) : nil
    }

    /// Those of some rows that have the column, in order: whether it is masked, and if not the value.
    func forEach(of set: RowSet, _ body: (ColumnValue?) -> Void) {
        forEachPlace(of: set) { body(value(at: $0)) }
    }

    /// How many of some rows have the column.
    func count(of set: RowSet) -> Int {
        var count = 0
        forEachPlace(of: set) { _ in count += 1 }
        return count
    }

    /// Adds those of some rows that have the column.
    func add(rows set: RowSet, to found: inout Set<Int>) {
        forEachPlace(of: set) { found.insert(row(at: $0)) }
    }

    /// The numbers of all rows up to the last one of some; nil when not all have one.
    func allNumbers(upTo set: RowSet) -> [Double]? {
        guard rows.isEmpty, numberCount == cells.count, set.end <= cells.count else { return nil }
        return numbers
    }

    /// Adds the hashes of the cells to those of their rows.
    func add(to hashes: inout [UInt64], ofColumn name: UInt64) {
        guard !rows.isEmpty || numberCount < cells.count else {
            RowHash.add(numbers, ofColumn: name, to: &hashes)
            return
        }
        for place in cells.indices {
            switch cells[place] {
            case .number: hashes[row(at: place)] &+= RowHash.cell(numbers[place], ofColumn: name)
            case .text: hashes[row(at: place)] &+= RowHash.cell(texts[place], ofColumn: name)
            case .absent, .masked, .missing: break
            }
        }
    }

    /// Rows with a masked cell have no hash.
    func hideMasked(in hashes: inout [UInt64]) {
        guard hasMasked else { return }
        for place in cells.indices where cells[place] == .masked { hashes[row(at: place)] = RowHash.nothing }
    }

    @inline(__always)
    private func row(at place: Int) -> Int {
        rows.isEmpty ? place : Int(rows[place])
    }

    private func value(at place: Int) -> ColumnValue? {
        switch cells[place] {
        case .absent, .masked: nil
        case .missing: .missing
        case .number: .number(numbers[place])
        case .text: .text(texts[place])
        }
    }

    /// The first place of a row, or of the next one that has the column.
    private func place(from row: Int) -> Int {
        guard !rows.isEmpty else { return min(row, cells.count) }
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Leaps over rows that do not have the column and over places of other rows, of which there may be many.
    private func forEachPlace(of set: RowSet, _ body: (Int) -> Void) {
        var (place, range) = (0, 0)
        while place < cells.count, range < set.ranges.count {
            let row = row(at: place)
            if row < set.ranges[range].lowerBound {
                place = self.place(from: set.ranges[range].lowerBound)
            } else if row >= set.ranges[range].upperBound {
                range = set.range(endingBehind: row)
            } else {
                body(place)
                place += 1
            }
        }
    }

    // MARK: Writing

    /// - Parameter row: none before those that are there.
    mutating func set(_ row: Int, _ number: Double) {
        append(row, .number, number)
        numberCount += 1
    }

    mutating func set(_ row: Int, _ text: String) {
        append(row, .text, 0)
        texts += repeatElement("", count: cells.count - 1 - texts.count)
        texts.append(text)
    }

    mutating func set(_ row: Int, _ cell: Cell) {
        append(row, cell, 0)
        hasMasked = hasMasked || cell == .masked
    }

    /// Adds a cell to each of some rows that follow on each other; a number that is not finite is missing.
    /// - Parameters:
    ///   - more: all of them behind those that are there.
    ///   - values: the first one is at `start`, the next ones `stride` behind each other.
    mutating func append(_ more: Range<Int>, _ values: UnsafeBufferPointer<Double>, from start: Int, stride: Int) {
        if rows.isEmpty, more.lowerBound > cells.count { rows = (0..<cells.count).map { Int32($0) } }
        if !rows.isEmpty || more.lowerBound > cells.count { rows += more.map { Int32($0) } }
        let first = cells.count
        cells.append(contentsOf: repeatElement(.number, count: more.count))
        numbers.append(contentsOf: repeatElement(0, count: more.count))
        numberCount += more.count
        for place in 0..<more.count {
            let value = values[start + place * stride]
            if value.isFinite {
                numbers[first + place] = value
            } else {
                cells[first + place] = .missing
                numberCount -= 1
            }
        }
    }

    private mutating func append(_ row: Int, _ cell: Cell, _ number: Double) {
        // A member that comes twice in a row: the last one counts.
        if !cells.isEmpty, self.row(at: cells.count - 1) == row { removeLast() }
        if rows.isEmpty, row > cells.count { rows = (0..<cells.count).map { Int32($0) } }
        if !rows.isEmpty || row > cells.count { rows.append(Int32(row)) }
        cells.append(cell)
        numbers.append(number)
    }

    private mutating func removeLast() {
        if cells.removeLast() == .number { numberCount -= 1 }
        numbers.removeLast()
        if !rows.isEmpty { rows.removeLast() }
        if texts.count > cells.count { texts.removeLast() }
    }
}
