import Database
import Foundation
import TestSupport
import Testing
import Wire

@testable import Predictions

/// What earlier versions of the program wrote.
@Suite struct FormerFilesTests {
    private let folder: TemporaryFolder
    private static let id = PredictionID(request: "01a3185c500000000123456789abcdef")
    private static let former = Prediction(
        id: id, endpoint: "churn", variant: "main", model: "churn", version: 2, inputs: JSONText(["age": 41]),
        output: JSONText(0.25), latencyUs: 850, caller: "ada")

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path("predictions/journal"), withIntermediateDirectories: true)
    }

    private func open() async throws -> PredictionLog {
        try await PredictionLog(
            folder: folder.path("predictions"), clock: .system, entropy: .system, logger: LiveServer.quiet)
    }

    @Test func carriesOverADayOfTheFirstShape() async throws {
        let day = PredictionDay(containing: Self.id.time).name
        let database = try Database.open(.sqlite(path: folder.path("predictions/\(day).sqlite")))
        try await database.migrate(Array(PredictionSchema.migrations.prefix(1)))
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO predictions (request, row_index, row_count, endpoint, variant, model, version, inputs,
                    output, latency_us, caller)
                VALUES (\(Self.id.request), 0, 1, 'churn', 'main', 'churn', 2, '{"age":41}', '0.25', 850, 'ada')
                """)
        }
        try database.close()
        #expect(try await open().prediction(Self.id) == Self.former)
    }

    @Test func readsAJournalOfTheFirstShape() async throws {
        let line = """
            {"request":"\(Self.id.request)","endpoint":"churn","variant":"main","model":"churn","version":2,\
            "latency_us":850,"caller":"ada","rows":[[{"age":41},0.25]]}

            """
        try Data(line.utf8).write(to: URL(filePath: folder.path("predictions/journal/0000000007.ndjson")))
        #expect(try await open().prediction(Self.id) == Self.former)
    }
}
