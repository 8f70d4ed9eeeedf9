import Predictions
import Statistics

/// Some rows of a reference, always the same: all of a small one, of a large one those whose hashed places are smallest.
///
/// They are kept in that order, which is a random one, so that the first of them are a sample too, and are given back in the
/// order that they have in the reference.
package struct ReferenceSample: Sendable, Equatable {
    private var rows = PackedRows()
    /// Where each row stands in the reference.
    private var places: [Int] = []

    package static let rowLimit = 10_000
    /// What all rows may weigh.
    static let byteLimit = 4 << 20
    /// Rows are stored in parts of so many, so that not all need be read.
    static let partRows = 1_000

    init(of table: TrainingTable) {
        let order = (0..<table.rows).map { (priority: ItemHash.mix(UInt64($0)), place: $0) }
            .sorted { $0.priority < $1.priority }
        var weight = 0
        for (_, place) in order.prefix(Self.rowLimit) {
            let row = rows.packed(
                table.columns.map { (.init(name: $0.name, role: $0.role), Optional($0.values[place])) })
            weight += row.weight
            guard weight <= Self.byteLimit else { return }
            rows.append(row)
            places.append(place)
        }
    }

    /// The rows that a record keeps, in the order in which they came.
    init(_ sample: PredictionSample) {
        rows = sample.rows
        setPlaces(by: sample.entries.prefix(rows.count).map(\.id))
    }

    /// Of the rows of several records so many as stand for all predictions alike, whichever record they are in: those whose
    /// hashed ids are smaller than that of any prediction whose row was not kept. Records that keep no row are left out.
    init(_ records: [(sample: PredictionSample, rows: Int)]) {
        let kept = records.filter { !$0.sample.rows.isEmpty }
        let end = kept.map { $0.sample.end(of: $0.rows) }.min() ?? 0
        var found: [(entry: PredictionSample.Entry, row: PackedRows.Row, from: PackedRows)] = []
        for (sample, _) in kept {
            for (entry, row) in zip(sample.entries, sample.rows.rows) where entry.priority < end {
                found.append((entry, row, sample.rows))
            }
        }
        found.sort { $0.entry.priority < $1.entry.priority }
        var (ids, weight) = ([PredictionID](), 0)
        for (entry, row, from) in found.prefix(Self.rowLimit) {
            weight += row.weight
            guard weight <= Self.byteLimit else { break }
            rows.append(rows.taken(row, from: from))
            ids.append(entry.id)
        }
        setPlaces(by: ids)
    }

    /// - Parameter ids: of the rows, which came in their order.
    private mutating func setPlaces(by ids: [PredictionID]) {
        places = Array(repeating: 0, count: ids.count)
        for (place, index) in ids.indices.sorted(by: { ids[$0] < ids[$1] }).enumerated() { places[index] = place }
    }

    package var count: Int { rows.count }

    func prefix(_ count: Int) -> ReferenceSample {
        guard count < rows.count else { return self }
        var first = self
        first.rows = rows.part(0..<count)
        first.places = Array(places.prefix(count))
        return first
    }

    /// The values of all columns, in the order of the reference.
    var columns: [Reference.Column.Key: [ColumnValue?]] { columns(inOrder: Array(rows.rows.indices)) }

    /// The values of all columns in `count` rows, which differ from one `seed` to the next.
    func columns(_ count: Int, seed: UInt64) -> [Reference.Column.Key: [ColumnValue?]] {
        var generator = SplitMix(seed: seed)
        return columns(inOrder: Array(rows.rows.indices.shuffled(using: &generator).prefix(count)))
    }

    private func columns(inOrder numbers: [Int]) -> [Reference.Column.Key: [ColumnValue?]] {
        rows.values(numbers.sorted { places[$0] < places[$1] })
    }

    // MARK: Stored form

    /// How many parts hold the first `rows` rows.
    static func parts(of rows: Int) -> Int { (rows + partRows - 1) / partRows }

    var parts: [[UInt8]] {
        stride(from: 0, to: rows.count, by: Self.partRows).map { start in
            let range = start..<min(rows.count, start + Self.partRows)
            var writer = ProfileWriter()
            writer.count(range.count)
            for place in places[range] { writer.count(place) }
            rows.part(range).write(to: &writer)
            return writer.bytes
        }
    }

    /// - Parameter parts: the first ones, in their order.
    init(parts: [[UInt8]]) throws {
        for part in parts {
            var reader = ProfileReader(part)
            for _ in 0..<(try reader.elements()) { places.append(try reader.count()) }
            rows.append(try PackedRows(from: &reader))
            try reader.end()
            guard rows.count == places.count else { throw reader.problem("rows and their places differ in number") }
        }
    }
}
