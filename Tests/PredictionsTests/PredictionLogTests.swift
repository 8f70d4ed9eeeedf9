import Foundation
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite struct PredictionLogTests {
    private let folder: TemporaryFolder
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(at moment: Timestamp = start) async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: WallClock { moment }, entropy: .system, logger: LiveServer.quiet)
    }

    private static func request(
        _ endpoint: String = "churn", rows: Int = 1
    ) throws -> LoggedRequest {
        let ages = Column(name: "age", values: .int64s((0..<Int64(rows)).map { $0 }))
        return LoggedRequest(
            endpoint: endpoint, variant: "main", model: "churn", version: 2, latencyUs: 850, caller: "ada",
            input: .table(Batch(rowCount: rows, columns: [ages])), output: .json(0.5), rowCount: rows)
    }

    @Test func givesBackWhatWasLogged() async throws {
        let log = try await open()
        let id = try await log.append(try Self.request())
        #expect(
            try await log.prediction(id)
                == Prediction(
                    id: id, endpoint: "churn", variant: "main", model: "churn", version: 2,
                    inputs: JSONText(["age": 0]), output: JSONText(0.5), latencyUs: 850, caller: "ada"))
        #expect(id.time == Self.start)
    }

    @Test func keepsWhomItWasAboutAndHowItsVariantWasChosen() async throws {
        let log = try await open()
        let id = try await log.append(
            LoggedRequest(
                endpoint: "churn", variant: "b", model: "churn", version: 2, latencyUs: 1, caller: "ada",
                unit: "cust\u{1F426}omer", propensity: 0.1, experiment: "e-1", input: .document([:]),
                output: .json(1), rowCount: 1))
        let prediction = try await log.prediction(id)
        #expect(prediction.unit == "cust\u{1F426}omer")
        #expect(prediction.propensity == 0.1)
        #expect(prediction.experiment == "e-1")
        #expect(prediction.json["unit"] == "cust\u{1F426}omer")
        #expect(prediction.json["propensity"] == 0.1)
    }

    @Test func namesEachRowOfARequest() async throws {
        let log = try await open()
        let id = try await log.append(try Self.request(rows: 12))
        let found = try await log.predictions(PredictionQuery(endpoint: "churn"))
        #expect(found.map(\.id) == (0..<12).map { PredictionID(request: id.request, row: $0) })
        #expect(found.map(\.inputs.json) == (0..<12).map { ["age": .integer(Int64($0))] })
        // The bare id names the request, not a prediction.
        await #expect(throws: PredictionError.self) { try await log.prediction(id) }
    }

    @Test func opensADayAgainThatCouldNotBeOpened() async throws {
        let log = try await open()
        let id = try await log.append(try Self.request())
        // A folder where the day's file belongs.
        let obstacle = folder.path("predictions/\(PredictionDay(containing: Self.start).name).sqlite")
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
        await #expect(throws: (any Error).self) { try await log.prediction(id) }
        try FileManager.default.removeItem(atPath: obstacle)
        #expect(try await log.prediction(id).id == id)
    }

    @Test func losesNothingThatAnEarlierProcessAnswered() async throws {
        let journal = try PredictionJournal(folder: folder.path("predictions/journal"), after: nil)
        var ids: [String] = []
        for _ in 0..<20 { ids.append(try await journal.append(try Self.request(), at: Self.start, entropy: .system)) }
        // The process dies here, with half a line of the next request written.
        let file = URL(filePath: folder.path("predictions/journal/0000000001.ndjson"))
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"request\":\"0123456789abcdef01234567".utf8))
        try handle.close()

        let log = try await open()
        let found = try await log.predictions(PredictionQuery())
        #expect(found.map(\.id.request) == ids)
        // Ids go on from there, though the clock stands still.
        let next = try await log.append(try Self.request())
        #expect(next.request > ids[19])
        #expect(try await log.predictions(PredictionQuery(after: found[19].id)).map(\.id) == [next])
    }

    @Test func storesAJournalThatWasStoredAlreadyOnlyOnce() async throws {
        let log = try await open()
        _ = try await log.append(try Self.request(rows: 3))
        #expect(try await log.predictions(PredictionQuery()).count == 3)
        // The first process dies without having deleted its journal.
        #expect(try await open().predictions(PredictionQuery()).count == 3)
    }

    @Test func readsOnAfterTheLastIDWithoutGapsOrRepeats() async throws {
        let log = try await open()
        let reading = Task {
            var seen: [PredictionID] = []
            while seen.count < 200 {
                let page = try await log.predictions(PredictionQuery(endpoint: "churn", after: seen.last, limit: 7))
                seen += page.map(\.id)
            }
            return seen
        }
        let written = try await withThrowingTaskGroup(of: PredictionID.self) { tasks in
            for _ in 0..<200 { tasks.addTask { try await log.append(try Self.request()) } }
            return try await tasks.reduce(into: Set()) { $0.insert($1) }
        }
        let seen = try await reading.value
        #expect(seen == seen.sorted())
        #expect(Set(seen) == written)
        #expect(seen.count == 200)
    }

    @Test func findsByTimeAcrossDays() async throws {
        let day: Int64 = 86_400_000
        for offset in 0..<6 {
            let log = try await open(at: Timestamp(milliseconds: Self.start.milliseconds + Int64(offset) * day))
            _ = try await log.append(try Self.request(offset % 2 == 0 ? "even" : "odd"))
            _ = try await log.predictions(PredictionQuery(limit: 1))
        }
        let log = try await open()
        let from = Timestamp(milliseconds: Self.start.milliseconds + day)
        let to = Timestamp(milliseconds: Self.start.milliseconds + 4 * day)
        let found = try await log.predictions(PredictionQuery(from: from, to: to))
        #expect(found.map(\.endpoint) == ["odd", "even", "odd"])
        #expect(found.first?.time == from)
        #expect(try await log.predictions(PredictionQuery(endpoint: "even", from: from, to: to)).count == 1)
        #expect(
            try await log.latest(of: "odd", limit: 2).map(\.time.milliseconds).map { ($0 - 1_800_000_000_000) / day }
                == [5, 3])
    }

    @Test func joinsLabelsLateAndKeepsTheLast() async throws {
        let log = try await open()
        let ids = try await log.append(try Self.request(rows: 2))
        let row = PredictionID(request: ids.request, row: 1)
        try await log.label([PredictionLabel(id: row, value: 0, time: Self.start)])
        let later = Timestamp(milliseconds: Self.start.milliseconds + 5)
        try await log.label([PredictionLabel(id: row, value: "sick", time: later)])
        let labelled = try await log.predictions(PredictionQuery(isLabelled: true))
        #expect(labelled.map(\.id) == [row])
        #expect(labelled.first?.label == "sick")
        #expect(labelled.first?.labelTime == later)
        #expect(try await log.predictions(PredictionQuery(isLabelled: false)).map(\.id.row) == [0])
    }

    @Test func refusesAllLabelsWhenOneNamesNoPrediction() async throws {
        let log = try await open()
        let known = try await log.append(try Self.request())
        let unknown = PredictionID(request: String(repeating: "0", count: 32))
        let wrongRow = PredictionID(request: known.request, row: 0)
        let error = await #expect(throws: PredictionError.self) {
            try await log.label([known, unknown, wrongRow].map { PredictionLabel(id: $0, value: 1, time: Self.start) })
        }
        #expect(error?.code.status == 404)
        #expect(error?.message == "No prediction has the id '\(unknown.text)', '\(wrongRow.text)'.")
        #expect(try await log.prediction(known).label == nil)
    }
}
