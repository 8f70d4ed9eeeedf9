import Statistics
import Wire

/// The stored form of a record: a version, then counts, then columns. Anchors are left out; each column names its own.
extension WindowRecord {
    private static let version: UInt8 = 2
    /// Without rows, and how many are alike and how wide they are.
    private static let withoutRows: UInt8 = 1

    var bytes: [UInt8] {
        var writer = ProfileWriter()
        writer.byte(Self.version)
        for count in [rows, keptRows, overflow] { writer.count(count) }
        writer.byte(firstTime == nil ? 0 : 1)
        for time in [firstTime, lastTime] { if let time { writer.signed(Int128(time.milliseconds)) } }
        calls.write(to: &writer)
        latency.perRequest.write(to: &writer)
        latency.perRow.write(to: &writer)
        sample.write(to: &writer)
        for columns in [inputs, outputs] {
            writer.count(columns.count)
            for (name, column) in columns {
                writer.text(name)
                column.write(to: &writer)
            }
        }
        sample.rows.write(to: &writer)
        uniqueness.write(to: &writer)
        widths.write(to: &writer)
        return writer.bytes
    }

    /// What of a record is read.
    package enum Part: Sendable {
        case whole
        /// What windows are judged by: of columns the cells (`ColumnProfile.init(bytes:anchors:isOfCells:)`), of sampled predictions
        /// nothing but their rows, where these are wanted.
        case judged(withRows: Bool)
        /// How much came, from whom, and how quickly it was answered: nothing of columns. Merged, these are as if wholes were.
        case calls

        fileprivate var isWhole: Bool { if case .whole = self { true } else { false } }
        fileprivate var hasRows: Bool { if case .judged(let withRows) = self { withRows } else { true } }
    }

    /// - Parameter anchors: those of a name; nil for one that is not known.
    /// - Throws: `ProfileProblem` when the bytes are not those of a record, or anchors are not known.
    init(bytes: [UInt8], _ part: Part = .whole, anchors: (UInt64) -> FixedAnchors?) throws {
        var reader = ProfileReader(bytes)
        let version = try reader.byte()
        guard version == Self.version || version == Self.withoutRows else {
            throw reader.problem("its version is not \(Self.version)")
        }
        rows = try reader.count()
        keptRows = try reader.count()
        overflow = try reader.count()
        if try reader.byte() == 1 {
            firstTime = Timestamp(milliseconds: Int64(clamping: try reader.signed()))
            lastTime = Timestamp(milliseconds: Int64(clamping: try reader.signed()))
        }
        calls = try CallCounts(from: &reader)
        latency = LatencyProfile(
            perRequest: try QuantileSketch(from: &reader), perRow: try QuantileSketch(from: &reader))
        if case .calls = part { return }
        if part.hasRows {
            sample = try PredictionSample(from: &reader)
        } else {
            try PredictionSample.skipEntries(&reader)
        }
        inputs = try Self.columns(&reader, part, anchors)
        outputs = try Self.columns(&reader, part, anchors)
        if version != Self.withoutRows {
            if part.hasRows { try sample.readRows(from: &reader) } else { try PackedRows.skip(&reader) }
            uniqueness = try RowUniqueness(from: &reader)
            widths = try RowWidths(from: &reader)
        }
        try reader.end()
    }

    /// The rows that the record of these bytes holds, without what was counted of them; nil where these are not all of its rows.
    /// - Throws: `ProfileProblem` when the bytes are not those of a record.
    static func allRows(bytes: [UInt8]) throws -> PackedRows? {
        var reader = ProfileReader(bytes)
        guard try reader.byte() == version else { return nil }
        let rows = try reader.count()
        guard rows <= PredictionSample.limit else { return nil }
        for _ in 0..<2 { _ = try reader.count() }
        if try reader.byte() == 1 { for _ in 0..<2 { _ = try reader.signed() } }
        _ = try CallCounts(from: &reader)
        for _ in 0..<2 { _ = try QuantileSketch(from: &reader) }
        try PredictionSample.skipEntries(&reader)
        for _ in 0..<2 {
            for _ in 0..<(try reader.elements(bytesEach: 3)) {
                try reader.skipBlock()
                try ColumnRecord.skip(&reader)
            }
        }
        let kept = try PackedRows(from: &reader)
        return kept.count == rows ? kept : nil
    }

    private static func columns(
        _ reader: inout ProfileReader, _ part: Part, _ anchors: (UInt64) -> FixedAnchors?
    ) throws -> Columns {
        var columns = Columns()
        for _ in 0..<(try reader.elements(bytesEach: 3)) {
            let name = try reader.text()
            let column = try ColumnRecord(from: &reader, isOfCells: !part.isWhole, anchors: anchors)
            _ = columns.place(of: name, orAdd: column)
        }
        return columns
    }
}

extension CallCounts {
    fileprivate func write(to writer: inout ProfileWriter) {
        writer.count(callers.count)
        for (caller, count) in callers.sorted(by: { $0.key < $1.key }) {
            writer.text(caller)
            writer.count(count.requests)
            writer.count(count.rows)
        }
        writer.count(others.requests)
        writer.count(others.rows)
    }

    fileprivate init(from reader: inout ProfileReader) throws {
        var callers: [String: Count] = [:]
        for _ in 0..<(try reader.elements(bytesEach: 3)) {
            callers[try reader.text()] = Count(requests: try reader.count(), rows: try reader.count())
        }
        self.init(callers: callers, others: Count(requests: try reader.count(), rows: try reader.count()))
    }
}

extension ColumnRecord {
    fileprivate func write(to writer: inout ProfileWriter) {
        writer.count(masked)
        writer.byte(anchors == nil ? 0 : 1)
        if let anchors, let counted {
            writer.fixed(anchors.id)
            writer.block(counted.bytes)
        } else {
            writer.count(waiting.count)
            for value in waiting { value.write(to: &writer) }
        }
    }

    fileprivate static func skip(_ reader: inout ProfileReader) throws {
        _ = try reader.count()
        guard try reader.byte() == 1 else {
            for _ in 0..<(try reader.elements()) { _ = try ColumnValue(from: &reader) }
            return
        }
        _ = try reader.fixed()
        try reader.skipBlock()
    }

    fileprivate init(
        from reader: inout ProfileReader, isOfCells: Bool, anchors: (UInt64) -> FixedAnchors?
    ) throws {
        let masked = try reader.count()
        guard try reader.byte() == 1 else {
            let waiting = try (0..<reader.elements()).map { _ in try ColumnValue(from: &reader) }
            self.init(anchors: nil, counted: nil, waiting: waiting, masked: masked)
            return
        }
        guard let anchors = anchors(try reader.fixed()) else { throw reader.problem("its anchors are not known") }
        let counted = try ColumnProfile(bytes: try reader.block(), anchors: anchors.anchors, isOfCells: isOfCells)
        self.init(anchors: anchors, counted: counted, waiting: [], masked: masked)
    }
}
