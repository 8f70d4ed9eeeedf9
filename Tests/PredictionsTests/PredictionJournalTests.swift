import Dispatch
import Foundation
import Runtimes
import Synchronization
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
        while let portion = try journal.unstored(maximumBytes: maximumBytes) {
            ids += portion.lines.split(separator: UInt8(ascii: "\n")).compactMap { JournalLine.request(of: $0)?.text }
            journal.markStored(portion)
            journal.markObserved(portion)
        }
        return ids
    }

    private func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".ndjson") }.sorted()
    }

    /// The files of the folder that this process has open.
    private func openFiles() throws -> [String] {
        let files = FileManager.default
        return try files.contentsOfDirectory(atPath: "/proc/self/fd")
            .compactMap { try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            .filter { $0.hasPrefix(folder.path) }
    }

    @Test func closesItsFileWithItsLastUse() async throws {
        var journal: PredictionJournal? = try PredictionJournal(folder: folder.path, after: nil)
        _ = try await journal?.append(Self.request, at: Self.moment, entropy: .system)
        #expect(try openFiles().count == 1)
        journal = nil
        #expect(try openFiles().isEmpty)
        let later = try PredictionJournal(folder: folder.path, after: nil)
        #expect(try drain(later).count == 1)
    }

    @Test func deletesASegmentOnceItIsStored() async throws {
        var limits = PredictionJournal.Limits()
        limits.segmentBytes = 300
        let journal = try PredictionJournal(folder: folder.path, after: nil, limits: limits)
        var ids: [String] = []
        for _ in 0..<10 { ids.append(try await journal.append(Self.request, at: Self.moment, entropy: .system)) }
        #expect(try segments().count > 2)
        #expect(try drain(journal, maximumBytes: 10) == ids)
        #expect(try segments().count == 1)
        await journal.close()
        #expect(try segments().isEmpty)
    }

    @Test func givesNoSegmentANumberTwice() async throws {
        let first = try PredictionJournal(folder: folder.path, after: nil)
        _ = try await first.append(Self.request, at: Self.moment, entropy: .system)
        _ = try drain(first)
        await first.close()
        #expect(try segments().isEmpty)
        let second = try PredictionJournal(folder: folder.path, after: nil)
        #expect(second.progress.written > first.progress.written)
        #expect(second.source == first.source)
        #expect(second.source.count == 32)
    }

    @Test func keepsOrderAndWholenessUnderManyWriters() async throws {
        let journal = try PredictionJournal(folder: folder.path, after: nil)
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

    /// Flushes nothing; holds the first flush until it is let go.
    private final class Disk: Sendable {
        let flushes = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        let first = DispatchSemaphore(value: 0)

        func flush(_: CInt) -> CInt {
            let count = flushes.withLock { count in
                count += 1
                return count
            }
            if count == 1 {
                first.signal()
                gate.wait()
            }
            return 0
        }
    }

    @Test func flushesOnceForAllThatWait() async throws {
        let disk = Disk()
        let journal = try PredictionJournal(folder: folder.path, after: nil, flush: disk.flush)
        let policy = LogPolicy(durability: .disk)
        let append: @Sendable () async throws -> Void = {
            _ = try await journal.append(Self.request, policy: policy, at: Self.moment, entropy: .system)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(operation: append)
            await Self.blocking { disk.first.wait() }
            // The flush of the first one lasts until all others are written; what these wait for is one more.
            for _ in 0..<49 { tasks.addTask(operation: append) }
            let size = JournalLine.bytes(Self.request, isKept: true, mask: ColumnMask()).count
            while journal.progress.written.offset < 50 * size { await Task.yield() }
            // Who does not wait for the disk is answered meanwhile.
            _ = try await journal.append(Self.request, at: Self.moment, entropy: .system)
            #expect(disk.flushes.withLock { $0 } == 1)
            disk.gate.signal()
            try await tasks.waitForAll()
        }
        #expect(disk.flushes.withLock { $0 } <= 3)
    }

    @Test func flushesNothingForWhoDoesNotWantIt() async throws {
        let disk = Disk()
        let journal = try PredictionJournal(folder: folder.path, after: nil, flush: disk.flush)
        for _ in 0..<10 { _ = try await journal.append(Self.request, at: Self.moment, entropy: .system) }
        #expect(disk.flushes.withLock { $0 } == 0)
    }

    @Test func answersNobodyWhoseFlushFailed() async throws {
        let journal = try PredictionJournal(folder: folder.path, after: nil) { _ in
            errno = EIO
            return -1
        }
        let error = await #expect(throws: PredictionError.self) {
            _ = try await journal.append(
                Self.request, policy: LogPolicy(durability: .disk), at: Self.moment, entropy: .system)
        }
        #expect(error?.message == "The prediction journal cannot be flushed to the disk: Input/output error.")
        _ = try await journal.append(Self.request, at: Self.moment, entropy: .system)
    }

    @Test func keepsASegmentUntilObserversWereToldOfIt() async throws {
        var limits = PredictionJournal.Limits()
        limits.segmentBytes = 1
        let journal = try PredictionJournal(folder: folder.path, after: nil, limits: limits)
        for _ in 0..<5 { _ = try await journal.append(Self.request, at: Self.moment, entropy: .system) }
        while let portion = try journal.unstored() { journal.markStored(portion) }
        #expect(try segments().count == 5)
        #expect(journal.progress.unobservedBytes > 0)
        while let portion = try journal.unobserved() { journal.markObserved(portion) }
        #expect(try segments().count == 1)
        #expect(journal.progress.byteCount == 0)
    }

    @Test func goesOnBehindWhatSomebodyCut() async throws {
        let journal = try PredictionJournal(folder: folder.path, after: nil)
        _ = try await journal.append(Self.request, at: Self.moment, entropy: .system)
        try Data("{".utf8).write(to: URL(filePath: folder.path("0000000001.ndjson")))
        #expect(try drain(journal) == [])
        let next = try await journal.append(Self.request, at: Self.moment, entropy: .system)
        #expect(try drain(journal) == [next])
    }

    private static func blocking(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                body()
                done.resume()
            }
        }
    }

    @Test func refusesWhenTheStoreIsTooFarBehind() async throws {
        var limits = PredictionJournal.Limits()
        limits.unstoredBytes = 200
        let journal = try PredictionJournal(folder: folder.path, after: nil, limits: limits)
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
        let journal = try PredictionJournal(folder: folder.path, after: nil, limits: limits)
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
        #expect(try drain(try PredictionJournal(folder: folder.path, after: nil)) == ids)
    }

    @Test func saysThatTheDiskIsFullAndKeepsNothingOfIt() async throws {
        var limits = PredictionJournal.Limits()
        limits.segmentBytes = 1
        let journal = try PredictionJournal(folder: folder.path, after: nil, limits: limits)
        let id = try await journal.append(Self.request, at: Self.moment, entropy: .system)
        // The next file is one that is always full.
        let next = folder.path("0000000002.ndjson")
        try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: "/dev/full")
        for durability in LogPolicy.Durability.allCases {
            let error = await #expect(throws: PredictionError.self) {
                let policy = LogPolicy(durability: durability)
                _ = try await journal.append(Self.request, policy: policy, at: Self.moment, entropy: .system)
            }
            #expect(error?.code.status == 413)
            #expect(error?.message == "The prediction journal cannot be written: No space left on device.")
        }
        try FileManager.default.removeItem(atPath: next)
        #expect(try drain(try PredictionJournal(folder: folder.path, after: nil)) == [id])
    }

    @Test func givesGrowingIDsThoughTheClockGoesBack() {
        var sequence = PredictionSequence()
        let later = sequence.next(PredictionSequence.draw(at: Timestamp(milliseconds: 2000), entropy: Entropy { .max }))
        let earlier = sequence.next(PredictionSequence.draw(at: Timestamp(milliseconds: 1000), entropy: Entropy { 7 }))
        #expect(earlier > later)
        #expect(PredictionID(request: earlier.text).time == Timestamp(milliseconds: 2001))
        // What is written of a request depends on its lot.
        #expect(earlier.lot == 7)
        #expect(RequestNumber(text: earlier.text) == earlier)
    }

    @Test(arguments: ["", "0123", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0"])
    func readsNoOtherTextAsANumber(text: String) {
        #expect(RequestNumber(text: text) == nil)
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
