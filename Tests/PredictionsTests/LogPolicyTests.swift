import Foundation
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Predictions

@Suite struct LogPolicyTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: .system, entropy: .system, logger: LiveServer.quiet)
    }

    private static func request(rows: Int = 1, output: JSON = 0.5) -> LoggedRequest {
        let emails = Column(name: "email", values: .strings(Array(repeating: "ann@example.org", count: rows)))
        let ages = Column(name: "age", values: .int64s(Array(repeating: 41, count: rows)))
        return LoggedRequest(
            endpoint: "churn", variant: "b", model: "churn", version: 2, latencyUs: 1, caller: "ada", unit: "c-7",
            propensity: 0.1, experiment: "e-1", rollout: "12/candidate",
            input: .table(Batch(rowCount: rows, columns: [emails, ages])),
            output: .json(output), rowCount: rows)
    }

    @Test func writesNothingMaskedToAnyFile() async throws {
        let policy = LogPolicy(mask: ColumnMask(["email"]))
        let journal = try PredictionJournal(folder: folder.path("predictions/journal"), after: nil)
        let output: JSON = ["echo": ["email": "ann@example.org"], "score": 1]
        let id = try await journal.append(
            Self.request(output: output), policy: policy, at: WallClock.system.now, entropy: .system)
        #expect(try !filesContain("ann@example.org"))
        let prediction = try await open().prediction(PredictionID(request: id))
        #expect(prediction.inputs.json == ["email": nil, "age": 41])
        #expect(prediction.output.json == ["echo": ["email": nil], "score": 1])
        #expect(prediction.masked == ["email"])
        #expect(prediction.json["masked"] == ["email"])
        #expect(try !filesContain("ann@example.org"))
        #expect(try filesContain("c-7"))
    }

    private func filesContain(_ text: String) throws -> Bool {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return files.contains { file in
            FileManager.default.contents(atPath: folder.path(file))?.firstRange(of: Data(text.utf8)) != nil
        }
    }

    @Test func keepsTheSampleThatTheIDsTell() async throws {
        let log = try await open()
        let policy = LogPolicy(samplePercent: 30)
        var ids: [PredictionID] = []
        for _ in 0..<200 { ids.append(try await log.append(Self.request(), policy: policy)) }
        // As the reference says: the last eight digits modulo 10,000 are below a hundred times the share.
        let sample = ids.filter { id in UInt32(id.request.suffix(8), radix: 16).map { $0 % 10_000 < 3000 } ?? false }
        #expect(try await log.predictions(PredictionQuery()).map(\.id) == sample)
        #expect((30...90).contains(sample.count))
        let kept = Set(sample)
        let contexts = try await log.contexts(of: ids)
        #expect(contexts.count == 200)
        #expect(contexts.values.allSatisfy { $0.isKept == kept.contains($0.id) && $0.unit == "c-7" })
    }

    @Test func saysWhatBecameOfAPredictionThatWasSampledOut() async throws {
        let log = try await open()
        let id = try await log.append(Self.request(), policy: LogPolicy(samplePercent: 0))
        let error = await #expect(throws: PredictionError.self) { try await log.prediction(id) }
        #expect(error?.code.status == 404)
        #expect(
            error?.message
                == "Prediction '\(id.text)' was answered by variant 'b' of endpoint 'churn' and not kept: it was sampled out."
        )
        let context = try await log.contexts(of: [id])[id]
        #expect(
            context
                == PredictionContext(
                    id: id, endpoint: "churn", variant: "b", model: "churn", version: 2, unit: "c-7", propensity: 0.1,
                    experiment: "e-1", rollout: "12/candidate", isKept: false))
        // Whoever sends labels need not know of the sample.
        try await log.label([PredictionLabel(id: id, value: 1, time: id.time)])
        #expect(try await log.predictions(PredictionQuery(isLabelled: true)).isEmpty)
    }

    @Test func namesRowsThatWereSampledOut() async throws {
        let log = try await open()
        let request = try await log.append(Self.request(rows: 3), policy: LogPolicy(samplePercent: 0))
        let kept = try await log.append(Self.request(rows: 2))
        func row(_ row: Int?, of id: PredictionID) -> PredictionID { PredictionID(request: id.request, row: row) }
        let rows: [Int?] = [nil, 0, 1, 2, 3]
        let known = try await log.contexts(of: rows.map { row($0, of: request) } + rows.map { row($0, of: kept) })
        let wanted = [0, 1, 2].map { row($0, of: request) } + [0, 1].map { row($0, of: kept) }
        #expect(known.keys.sorted() == wanted)
    }

    @Test func goesOnFromTheIDsOfThoseThatWereSampledOut() async throws {
        let id = try await open().append(Self.request(), policy: LogPolicy(samplePercent: 0))
        _ = try await open().predictions(PredictionQuery())
        let later = try await PredictionLog(
            folder: folder.path("predictions"), clock: WallClock { Timestamp(milliseconds: 5) }, entropy: .system,
            logger: LiveServer.quiet)
        #expect(try await later.append(Self.request()) > id)
    }

    @Test(arguments: ["a\u{0}b", String(repeating: "x", count: 4097)])
    func refusesAUnitThatCannotBeKept(unit: String) async throws {
        let log = try await open()
        let error = await #expect(throws: PredictionError.self) {
            _ = try await log.append(
                LoggedRequest(
                    endpoint: "e", variant: "v", model: "m", version: 1, latencyUs: 1, caller: "c", unit: unit,
                    input: .document([:]), output: .json(1), rowCount: 1))
        }
        #expect(error?.code.status == 400)
    }

    @Test func saysItself() {
        let policy = LogPolicy(
            samplePercent: 12.5, mask: ColumnMask(["b", "a"]), retentionDays: 90, durability: .disk)
        #expect(
            policy.json
                == ["sample_percent": 12.5, "mask": ["a", "b"], "retention_days": 90, "durability": "disk"])
    }
}
