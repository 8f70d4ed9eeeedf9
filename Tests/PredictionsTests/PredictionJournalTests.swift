import Foundation
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite struct PredictionJournalTests {
    private static let moment = Timestamp(milliseconds: 1_800_000_000_000)
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let request = LoggedRequest(
        endpoint: "e", variant: "v", model: "m", version: 1, latencyUs: 1, caller: "c", input: .document([:]),
        output: .json(1), rowCount: 1)

    private func drain(_ journal: PredictionJournal, maximumBytes: Int = 4 << 20) throws -> [String] {
        var ids: [String] = []
        while let (lines, end) = try journal.unstored(maximumBytes: maximumBytes) {
            ids += lines.split(separator: UInt8(ascii: "\n")).compactMap(JournalLine.request)
            journal.markStored(end, bytes: lines.count)
        }
        return ids
    }

    @Test func deletesASegmentOnceItIsStored() async throws {
        var limits = PredictionJournal.Limits()
        limits.segmentBytes = 300
        let journal = try PredictionJournal(folder: folder.path, after: "", limits: limits)
        var ids: [String] = []
        for _ in 0..<10 { ids.append(try await journal.append(Self.request, at: Self.moment, entropy: .system)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count > 2)
        #expect(try drain(journal, maximumBytes: 10) == ids)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        await journal.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func keepsOrderAndWholenessUnderManyWriters() async throws {
        let journal = try PredictionJournal(folder: folder.path, after: "")
        let ids = try await withThrowingTaskGroup(of: String.self) { tasks in
            for _ in 0..<500 {
                tasks.addTask { try await journal.append(Self.request, at: Self.moment, entropy: .system) }
            }
            return try await tasks.reduce(into: Set()) { $0.insert($1) }
        }
        let found = try drain(journal)
        #expect(found.count == 500)
        #expect(found == found.sorted())
        #expect(Set(found) == ids)
    }

    @Test func refusesWhenTheStoreIsTooFarBehind() async throws {
        var limits = PredictionJournal.Limits()
        limits.unstoredBytes = 200
        let journal = try PredictionJournal(folder: folder.path, after: "", limits: limits)
        let error = await #expect(throws: PredictionError.self) {
            for _ in 0..<10 { _ = try await journal.append(Self.request, at: Self.moment, entropy: .system) }
        }
        #expect(error?.code.status == 503)
        #expect(error?.retryAfterSeconds == 5)
        // It takes more once the store has caught up.
        _ = try drain(journal)
        _ = try await journal.append(Self.request, at: Self.moment, entropy: .system)
    }

    @Test func keepsNothingOfWhatItRefused() async throws {
        var limits = PredictionJournal.Limits()
        limits.segmentBytes = 1
        let journal = try PredictionJournal(folder: folder.path, after: "", limits: limits)
        // A folder where the next file belongs.
        let obstacle = folder.path("0000000002.ndjson")
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
        var ids: [String] = []
        for _ in 0..<2 {
            if let id = try? await journal.append(Self.request, at: Self.moment, entropy: .system) { ids.append(id) }
        }
        #expect(ids.count < 2)
        try FileManager.default.removeItem(atPath: obstacle)
        ids.append(try await journal.append(Self.request, at: Self.moment, entropy: .system))
        // What a process finds that starts now.
        #expect(try drain(try PredictionJournal(folder: folder.path, after: "")) == ids)
    }

    @Test func givesGrowingIDsThoughTheClockGoesBack() {
        var sequence = PredictionSequence()
        let later = sequence.next(at: Timestamp(milliseconds: 2000), entropy: Entropy { .max })
        let earlier = sequence.next(at: Timestamp(milliseconds: 1000), entropy: Entropy { 0 })
        #expect(earlier > later)
        #expect(PredictionID(request: earlier).time == Timestamp(milliseconds: 2001))
    }

    @Test(arguments: ["p-0123456789abcdef0123456789abcdef", "p-0123456789abcdef0123456789abcdef.0"])
    func readsBackAnID(text: String) {
        #expect(PredictionID(text)?.text == text)
    }

    @Test(arguments: [
        "", "p-", "p-0123", "0123456789abcdef0123456789abcdef", "p-0123456789ABCDEF0123456789abcdef",
        "p-0123456789abcdef0123456789abcdef.", "p-0123456789abcdef0123456789abcdef.-1",
        "p-0123456789abcdef0123456789abcdef.01", "p-0123456789abcdef0123456789abcdef.1.2",
    ])
    func refusesOtherText(text: String) {
        #expect(PredictionID(text) == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01"), (951_782_400_000, "2000-02-29"), (1_798_761_599_999, "2026-12-31"), (-1, "1969-12-31"),
        ] as [(Int64, String)])
    func tellsTheDay(milliseconds: Int64, name: String) {
        let day = PredictionDay(containing: Timestamp(milliseconds: milliseconds))
        #expect(day.name == name)
        #expect(PredictionDay(name: name) == day)
    }

    @Test(arguments: ["2026-02-30", "2026-1-1", "notes", "2026-01-01-journal"])
    func refusesOtherNamesOfDays(name: String) {
        #expect(PredictionDay(name: name) == nil)
    }
}
