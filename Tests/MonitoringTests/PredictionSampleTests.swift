import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

@Suite struct PredictionSampleTests {
    private typealias Column = Reference.Column.Key

    /// Rows with different columns, some of them masked, some with long texts.
    private static func row(_ numbers: inout SeededNumbers) -> [(Column, ColumnValue?)] {
        (0..<8).compactMap { place -> (Column, ColumnValue?)? in
            let column = Column(name: "c\(place % 6)", role: place < 6 ? .input : .output)
            return switch Int(numbers.uniform() * 6) {
            case 0: nil
            case 1: (column, .missing)
            case 2: (column, nil)
            case 3: (column, .text(String(repeating: "ä\(place)", count: Int(numbers.uniform() * 400))))
            default: (column, .number(numbers.normal()))
            }
        }
    }

    private static func id(_ number: Int) -> PredictionID {
        let digits = String(number, radix: 16)
        return PredictionID(request: String(repeating: "0", count: 32 - digits.count) + digits)
    }

    private static func add(_ number: Int, _ row: [(Column, ColumnValue?)], to sample: inout PredictionSample) {
        let id = id(number)
        sample.add(.init(id, priority: PredictionSample.priority(of: id))) { $0.packed(row) }
    }

    private static func stored(_ sample: PredictionSample) throws -> PredictionSample {
        var writer = ProfileWriter()
        sample.write(to: &writer)
        sample.rows.write(to: &writer)
        var reader = ProfileReader(writer.bytes)
        var read = try PredictionSample(from: &reader)
        try read.readRows(from: &reader)
        try reader.end()
        return read
    }

    /// However many predictions each record is of.
    @Test func rowsOfRecordsStandForAllPredictionsAlike() throws {
        let value = Column(name: "x", role: .input)
        let counts = [5_000, 800, 30]
        var records: [(sample: PredictionSample, rows: Int)] = []
        var (ids, number) = ([[Int]](), 0)
        for count in counts {
            var sample = PredictionSample()
            ids.append(Array(number..<number + count))
            for number in ids[ids.count - 1] { Self.add(number, [(value, .number(Double(number)))], to: &sample) }
            number += count
            records.append((sample, count))
        }
        let sample = ReferenceSample(records)
        let found = Set(sample.columns[value]?.compactMap { $0?.asNumber.map { Int($0) } } ?? [])
        // Of all predictions alike those whose hash is below one and the same.
        let end = try #require(found.map { PredictionSample.priority(of: Self.id($0)) }.max())
        let all = ids.joined().filter { PredictionSample.priority(of: Self.id($0)) <= end }
        #expect(found == Set(all))
        #expect(sample.count == found.count)
        #expect((500...700).contains(found.count), "\(found.count)")
        // All rows of all records, where none was left out.
        #expect(ReferenceSample([records[2]]).count == 30)
        var rowless = records[0]
        rowless.sample.forgetRows()
        #expect(ReferenceSample([rowless, records[2]]).count == 30)
    }

    @Test(arguments: 1...6) func rowsMergeAsIdsDoAlsoWhereNotAllFit(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        // With 300 rows ids are all kept and rows are bounded by their bytes, with 3,000 both are bounded.
        let count = seed % 2 == 0 ? 300 : 3_000
        let rows = (0..<count).map { _ in Self.row(&numbers) + Self.padding }
        var whole = PredictionSample()
        var parts = Array(repeating: PredictionSample(), count: 5)
        for (number, row) in rows.enumerated() {
            Self.add(number, row, to: &whole)
            let part = Int(numbers.uniform() * 5)
            Self.add(number, numbers.uniform() < 0.5 ? row.reversed() : row, to: &parts[part])
            if numbers.uniform() < 0.02 { parts[part] = try Self.stored(parts[part]) }
        }
        var merged = PredictionSample()
        for part in parts.reversed() { merged.merge(part) }
        let isSame = merged == whole
        #expect(isSame)
        #expect(whole.entries.count == min(count, PredictionSample.limit))
        #expect(whole.rows.count > 50 && whole.rows.count < whole.entries.count)
        #expect(whole.rows.rows.reduce(0) { $0 + $1.weight } <= PredictionSample.rowBytes)
        let isKept = try Self.stored(whole) == whole
        #expect(isKept)
        // What is kept of a row is what it was.
        let first = try #require(whole.entries.first).id
        let number = try #require(Int(first.request, radix: 16))
        let values = whole.rows.values(0..<1)
        for (column, value) in rows[number] {
            if case .text(let text) = value, text.utf8.count > 200 { continue }
            #expect(values[column]?.first == .some(value))
        }
    }

    /// So much that not all rows fit.
    private static let padding: [(Column, ColumnValue?)] = (0..<60).map {
        (Column(name: "p\($0)", role: .input), .number(Double($0)))
    }

    @Test func aRowThatFitsNowhereEndsTheRowsAndNotTheIds() {
        var sample = PredictionSample()
        let names = (0..<20_000).map { (Column(name: "\($0)", role: .input), Optional(ColumnValue.number(1))) }
        for number in 0..<20 { Self.add(number, number == 7 ? names : Array(names.prefix(3)), to: &sample) }
        let place = sample.entries.firstIndex { $0.id == Self.id(7) }
        #expect(sample.entries.count == 20)
        #expect(sample.rows.count == place)
    }

    @Test func longTextsStayDifferent() {
        var rows = PackedRows()
        let texts = ["a", "b"].map { String(repeating: "x", count: 500) + $0 }
        let column = Column(name: "note", role: .input)
        for text in texts + [texts[0]] { rows.append(rows.packed([(column, .text(text))])) }
        let values = rows.values(0..<3)[column] ?? []
        #expect(values.count == 3 && values[0] != values[1] && values[0] == values[2])
        #expect(rows.rows.allSatisfy { $0.weight < 250 })
    }

    @Test func bytesThatAreNoRowsAreRefused() throws {
        var sample = PredictionSample()
        for number in 0..<5 { Self.add(number, [(Column(name: "a", role: .input), .text("n"))], to: &sample) }
        var writer = ProfileWriter()
        sample.rows.write(to: &writer)
        for place in writer.bytes.indices {
            var bytes = writer.bytes
            bytes[place] ^= 0x55
            var reader = ProfileReader(bytes)
            // Whatever they say, it is rows or an error.
            _ = (try? PackedRows(from: &reader)).map { $0.values(0..<$0.count) }
        }
        var reader = ProfileReader(Array(writer.bytes.dropLast()))
        #expect(throws: ProfileProblem.self) { try PackedRows(from: &reader) }
    }

    @Test func aReferenceKeepsTheSameRowsInTheirOrder() throws {
        let table = TrainingTable(
            columns: [
                .init(name: "n", values: (0..<2_500).map { .number(Double($0)) }),
                .init(name: "t", values: (0..<2_500).map { .text("\($0 % 7)") }),
            ], rows: 2_500)
        let sample = ReferenceSample(of: table)
        #expect(sample.count == 2_500 && sample.parts.count == 3)
        let key = Column(name: "n", role: .input)
        #expect(sample.columns[key] == table.columns[0].values)
        let first = try ReferenceSample(parts: Array(sample.parts.prefix(1)))
        #expect(first == sample.prefix(1_000))
        let some = (first.columns[key] ?? []).compactMap { if case .number(let number) = $0 { number } else { nil } }
        #expect(some.count == 1_000 && some == some.sorted())
        #expect(abs(some.reduce(0, +) / 1_000 - 1_250) < 100, "They are from all over the table.")
        #expect(try ReferenceSample(parts: sample.parts) == sample)
    }

    @Test func aReferenceOfManyColumnsStaysSmall() {
        let columns = (0..<300).map {
            TrainingTable.Column(name: "c\($0)", values: Array(repeating: .number(1), count: 3_000))
        }
        let sample = ReferenceSample(of: TrainingTable(columns: columns, rows: 3_000))
        #expect(sample.count > 1_000 && sample.count < 1_500)
        #expect(sample.parts.reduce(0) { $0 + $1.count } < 5 << 20)
    }
}
