import Predictions
import Statistics
import Wire

/// Which of some predictions came in one request.
struct RequestRows: Sendable {
    /// For each row the number of its request.
    private(set) var numbers: [Int] = []
    /// For each request how many rows it has.
    private(set) var sizes: [Int] = []

    init(_ predictions: ArraySlice<Prediction>) {
        numbers.reserveCapacity(predictions.count)
        // Predictions stay where they are: to take one out is to count references to all that it consists of.
        for index in predictions.indices {
            if sizes.isEmpty || !predictions.continuesRequest(at: index) { sizes.append(0) }
            numbers.append(sizes.count - 1)
            sizes[sizes.count - 1] += 1
        }
    }

    /// The rows before one that belong to the same request.
    func earlier(than row: Int) -> Range<Int> {
        var start = row
        while start > 0, numbers[start - 1] == numbers[row] { start -= 1 }
        return start..<row
    }
}

extension ArraySlice<Prediction> {
    /// The rows of a request follow on each other, from 0 on, in the order of the journal.
    @inline(__always)
    func continuesRequest(at index: Int) -> Bool { (self[index].id.row ?? 0) > 0 }

    /// Behind the rows of the request that one belongs to.
    func endOfRequest(at index: Int) -> Int {
        var end = index + 1
        while end < endIndex, continuesRequest(at: end) { end += 1 }
        return end
    }

    /// The places of those that are of another endpoint or another version than the one before.
    var turns: [Int] {
        indices.filter { index in
            index == startIndex || self[index].endpoint != self[index - 1].endpoint
                || self[index].version != self[index - 1].version || self[index].model != self[index - 1].model
        }
    }
}

extension WindowRecord {
    /// Adds rows.
    /// - Parameters:
    ///   - isContinued: the first of the requests has rows in an earlier record of the slice, and counts as a request there.
    ///   - book: the anchors of columns that come up for the first time.
    ///   - keepsRows: whether rows of the sample are kept too, and how many are alike.
    mutating func count(
        _ rows: RowSet, of predictions: ArraySlice<Prediction>, _ table: RowTable, _ requests: RequestRows,
        isContinued: Bool = false, by book: ColumnBook?, keepsRows: Bool = true
    ) {
        countCalls(rows, of: predictions, requests, isContinued: isContinued)
        self.rows += rows.count
        let kept = table.isAllKept ? rows : rows.filter { table.isKept[$0] }
        guard kept.count > 0 else { return }
        keptRows += kept.count
        kept.forEach { row in
            let place = predictions.startIndex + row
            let priority = PredictionSample.priority(of: predictions[place].id)
            guard sample.takes(priority) else { return }
            let entry = PredictionSample.Entry(predictions[place].id, priority: priority)
            sample.add(entry, row: keepsRows ? { $0.packed(table.cells(of: row)) } : nil)
        }
        countShapes(kept, of: table, keepsRows: keepsRows)
        var crowded: Set<Int> = []
        inputs.count(kept, of: table.inputs, .input, by: book, lost: &crowded)
        outputs.count(kept, of: table.outputs, .output, by: book, lost: &crowded)
        if !table.crowded.ranges.isEmpty { kept.forEach { if table.crowded.contains($0) { crowded.insert($0) } } }
        overflow += crowded.count
    }

    private mutating func countShapes(_ rows: RowSet, of table: RowTable, keepsRows: Bool) {
        // Rows that follow on each other nearly always have the same width.
        var (width, count) = (0, 0)
        rows.forEach { row in
            if keepsRows { uniqueness.add(hash: table.hashes[row]) }
            if table.widths[row] != width {
                widths.add(width, rows: count)
                (width, count) = (table.widths[row], 0)
            }
            count += 1
        }
        widths.add(width, rows: count)
    }

    private mutating func countCalls(
        _ rows: RowSet, of predictions: ArraySlice<Prediction>, _ requests: RequestRows, isContinued: Bool
    ) {
        var former = -1
        var isRest = isContinued
        var (requestRows, last) = (0, predictions.startIndex)
        // Requests that follow on each other nearly always have the same caller.
        var (calls, caller) = (CallCounts.Count(), "")
        func finish(_ record: inout WindowRecord) {
            guard former >= 0 else { return }
            if predictions[last].caller != caller {
                if calls.rows > 0 { record.calls.add(calls, of: caller) }
                (calls, caller) = (CallCounts.Count(), predictions[last].caller)
            }
            calls += CallCounts.Count(requests: isRest ? 0 : 1, rows: requestRows)
            defer { isRest = false }
            let latencyUs = predictions[last].latencyUs
            guard latencyUs >= 0 else { return }
            record.latency.add(
                requestMs: Double(latencyUs) / 1000, requestRows: requests.sizes[former], rows: requestRows,
                isRest: isRest)
        }
        rows.forEach { row in
            if requests.numbers[row] != former {
                finish(&self)
                (former, requestRows, last) = (requests.numbers[row], 0, predictions.startIndex + row)
                // To ask the prediction itself is to count references to all that it consists of.
                let time = predictions[last].id.time
                firstTime = min(firstTime ?? time, time)
                lastTime = max(lastTime ?? time, time)
            }
            requestRows += 1
        }
        finish(&self)
        if calls.rows > 0 { self.calls.add(calls, of: caller) }
    }

    /// Gives columns the anchors that they have now.
    /// - Returns: whether any had none.
    mutating func settle(by book: ColumnBook) -> Bool {
        let inputs = inputs.settle { book.anchors[.init(role: .input, name: $0)] }
        return outputs.settle { book.anchors[.init(role: .output, name: $0)] } || inputs
    }

    /// Sorts columns that wait into these cells.
    mutating func settle(by anchors: WindowAnchors) {
        inputs.settle { anchors.inputs[$0].map(FixedAnchors.init) }
        outputs.settle { anchors.outputs[$0].map(FixedAnchors.init) }
    }

    /// Sorts columns that wait into the cells of another record.
    mutating func settle(like other: WindowRecord) {
        inputs.settle { other.inputs[$0]?.anchors }
        outputs.settle { other.outputs[$0]?.anchors }
    }

    /// Cells for the columns that wait and of which enough was seen.
    var ripeAnchors: WindowAnchors { WindowAnchors(inputs: inputs.ripe, outputs: outputs.ripe) }

    /// What the columns rest on.
    var anchors: [FixedAnchors] {
        (inputs.columns + outputs.columns).compactMap(\.anchors)
    }
}

extension NamedColumns<ColumnRecord> {
    /// - Parameter lost: takes up the rows that lose a column, because there are too many.
    fileprivate mutating func count(
        _ rows: RowSet, of table: NamedColumns<RowColumn>, _ role: RowTable.Role, by book: ColumnBook?,
        lost: inout Set<Int>
    ) {
        for (name, values) in table {
            let place = place(of: name)
            if place == nil {
                guard values.count(of: rows) > 0 else { continue }
                guard count < WindowRecord.columnLimit else {
                    values.add(rows: rows, to: &lost)
                    continue
                }
            }
            let anchors = book?.anchors[.init(role: role, name: name)]
            change(at: place ?? self.place(of: name, orAdd: ColumnRecord(anchors: anchors))) { column in
                if let anchors { column.settle(on: anchors) }
                column.count(rows, of: values)
            }
        }
    }

    /// The cells that columns that wait would have by their own values.
    fileprivate var ripe: [String: ColumnAnchors] {
        var ripe: [String: ColumnAnchors] = [:]
        for (name, column) in self where column.anchors == nil && ColumnBook.isEnough(column.waiting) {
            ripe[name] = ColumnAnchors(reference: column.waiting).widened
        }
        return ripe
    }

    @discardableResult
    fileprivate mutating func settle(by anchors: (String) -> FixedAnchors?) -> Bool {
        var isChanged = false
        for (place, name) in names.enumerated() where columns[place].anchors == nil {
            guard let anchors = anchors(name) else { continue }
            change(at: place) { $0.settle(on: anchors) }
            isChanged = true
        }
        return isChanged
    }
}

extension ColumnRecord {
    fileprivate mutating func count(_ rows: RowSet, of values: RowColumn) {
        guard let numbers = values.allNumbers(upTo: rows) else {
            values.forEach(of: rows) { value in
                if let value { add(value) } else { addMasked() }
            }
            return
        }
        numbers.withUnsafeBufferPointer { numbers in
            for range in rows.ranges { add(UnsafeBufferPointer(rebasing: numbers[range])) }
        }
    }
}
