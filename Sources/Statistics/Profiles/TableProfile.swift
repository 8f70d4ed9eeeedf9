/// The profiles of all columns of a table over some rows, with a sample of the rows.
package struct TableProfile: Sendable, Equatable {
    package let anchors: TableAnchors
    package internal(set) var rows: Int
    /// One for each column of `anchors`. Columns may be added to one by one; `rows` is then set by `addRows`.
    package var columns: [ColumnProfile]
    package var sample: RowSample

    /// The profile of no rows.
    package init(anchors: TableAnchors, sampleLimit: Int = RowSample.liveLimit) {
        self.init(
            anchors: anchors, rows: 0, columns: anchors.columns.map { ColumnProfile(anchors: $0.anchors) },
            sample: RowSample(limit: sampleLimit))
    }

    init(anchors: TableAnchors, rows: Int, columns: [ColumnProfile], sample: RowSample) {
        self.anchors = anchors
        self.rows = rows
        self.columns = columns
        self.sample = sample
    }

    /// Adds one row, with a value for each column in their order.
    /// - Parameter key: the same for the same row wherever it is counted, another for any other, see `RowSample`.
    package mutating func add(_ row: some Collection<ColumnValue>, key: UInt64) {
        rows += 1
        for (index, value) in row.enumerated() { columns[index].add(value) }
        if sample.takes(key: key) { sample.add(Array(row), key: key) }
    }

    /// Counts rows that were added column by column.
    package mutating func addRows(_ count: Int) {
        rows += count
    }

    /// Adds the rows of another profile with the same anchors.
    package mutating func merge(_ other: TableProfile) {
        precondition(anchors == other.anchors, "profiles with different anchors cannot be merged")
        rows += other.rows
        for index in columns.indices { columns[index].merge(other.columns[index]) }
        sample.merge(other.sample)
    }

    /// The profile of a column; nil when there is none of this name.
    package subscript(name: String) -> ColumnProfile? {
        anchors.positions[name].map { columns[$0] }
    }
}

extension TableProfile {
    static let version: UInt8 = 1

    /// The stored form: equal profiles have equal bytes.
    package var bytes: [UInt8] {
        var writer = ProfileWriter()
        writer.byte(Self.version)
        writer.count(rows)
        writer.count(columns.count)
        for column in columns { writer.block(column.bytes) }
        sample.write(to: &writer)
        return writer.bytes
    }

    /// - Throws: `ProfileProblem` when the bytes are not those of a profile with these anchors.
    package init(bytes: [UInt8], anchors: TableAnchors) throws {
        var reader = ProfileReader(bytes)
        guard try reader.byte() == Self.version else { throw reader.problem("its version is not \(Self.version)") }
        let rows = try reader.count()
        guard try reader.count() == anchors.columns.count else { throw reader.problem("it has other columns") }
        let columns = try anchors.columns.map { try ColumnProfile(bytes: try reader.block(), anchors: $0.anchors) }
        let sample = try RowSample(from: &reader)
        try reader.end()
        self.init(anchors: anchors, rows: rows, columns: columns, sample: sample)
    }
}
