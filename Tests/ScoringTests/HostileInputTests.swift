import Foundation
import Tables
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Scoring

@Suite struct HostileInputTests {
    /// What stands in the way, in words; nil when nothing does.
    private func refusal(_ fixture: BatchFixture, _ input: String, _ output: String = "out.csv") async throws -> String?
    {
        do {
            try await fixture.score(try fixture.order(input, output), by: "booster")
            return nil
        } catch let problem as any Problem {
            #expect(problem.code.status < 500, "\(problem)")
            return problem.description
        }
    }

    @Test func filesThatAreNotWhatTheirNamesSayAreRefusedInWords() async throws {
        let fixture = try await BatchFixture()
        try fixture.write(text: "not a table at all, but long enough for one", to: "text.parquet")
        try await fixture.write(try fixture.example("booster", times: 100), to: "whole.parquet")
        let whole = try Data(contentsOf: URL(filePath: fixture.path("whole.parquet")))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: fixture.path("torn.parquet")))
        try fixture.write(text: "", to: "empty.parquet")
        try fixture.write(text: "", to: "empty.csv")
        try fixture.write(text: "", to: "empty.ndjson")
        try fixture.write(text: "a,b\n1,2\n", to: "other.csv")
        try fixture.write(text: "[1, 2]\n", to: "list.ndjson")
        try fixture.write(text: "{\"a\": \n", to: "torn.ndjson")
        try FileManager.default.createDirectory(atPath: fixture.path("folder.csv"), withIntermediateDirectories: false)
        let files = [
            "text.parquet", "torn.parquet", "empty.parquet", "empty.csv", "empty.ndjson", "other.csv", "list.ndjson",
            "torn.ndjson", "folder.csv", "nothing.csv",
        ]
        for file in files {
            #expect(try await refusal(fixture, file) != nil, "\(file)")
            #expect(!FileManager.default.fileExists(atPath: fixture.path("out.csv")))
        }
        #expect(try await refusal(fixture, "other.csv")?.contains("'mean radius'") == true)
        #expect(throws: TableError.self) { try fixture.order("data.xlsx", "out.csv") }
        #expect(throws: ScoringError.self) { try fixture.order("da*a.csv", "out.csv") }
    }

    @Test func aMillionColumnsAreTooMany() async throws {
        let fixture = try await BatchFixture()
        let names = (0..<1_000_000).map { "c\($0)" }
        try fixture.write(text: names.joined(separator: ",") + "\n", to: "wide.csv")
        #expect(try await refusal(fixture, "wide.csv")?.contains("longer than 1 MiB") == true)
        try fixture.write(text: names.prefix(20_000).joined(separator: ",") + "\n", to: "wider.csv")
        #expect(try await refusal(fixture, "wider.csv")?.contains("20000 columns") == true)
    }

    @Test func anInputWithoutRowsGivesAnOutputWithoutRows() async throws {
        let fixture = try await BatchFixture()
        let names = try fixture.models.expectation("booster").columns ?? []
        try fixture.write(text: names.joined(separator: ",") + "\n", to: "none.csv")
        for output in ["out.csv", "out.ndjson", "out.parquet"] {
            let summary = try await fixture.score(try fixture.order("none.csv", output), by: "booster")
            #expect(summary.rows == 0)
        }
        #expect(try fixture.text("out.csv") == (names + ["prediction"]).joined(separator: ",") + "\n")
        #expect(try fixture.text("out.ndjson").isEmpty)
        #expect(
            try await fixture.rows("SELECT count(prediction) FROM \(quoted: fixture.path("out.parquet"))") == [
                [.integer(0)]
            ])
    }

    @Test func anOutputIsReplacedOnlyWhenThatIsAskedFor() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write(try fixture.example("booster"), to: "data.parquet")
        try fixture.write(text: "precious", to: "out.csv")
        #expect(try await refusal(fixture, "data.parquet")?.contains("--overwrite") == true)
        #expect(try fixture.text("out.csv") == "precious")
        try await fixture.score(
            try fixture.order("data.parquet", "out.csv") { $0.replacesOutput = true }, by: "booster")
        #expect(try fixture.text("out.csv").hasPrefix("id,"))
        #expect(try await refusal(fixture, "data.parquet", "nowhere/out.csv")?.contains("cannot be written") == true)
    }

    @Test func aPredictionDoesNotHideAColumnOfTheInput() async throws {
        let fixture = try await BatchFixture()
        try await fixture.write(
            "SELECT *, 1 AS Prediction FROM (\(try fixture.example("booster")))", to: "data.parquet")
        #expect(try await refusal(fixture, "data.parquet")?.contains("--keep") == true)
    }

    @Test func aFolderOfAnotherBatchOrOfAProcessAtWorkIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("out.csv.parts")
        let first = try WorkFolder(path: path, for: ["input": "a"], restarts: false)
        #expect(throws: ScoringError.self) { try WorkFolder(path: path, for: ["input": "a"], restarts: false) }
        withExtendedLifetime(first) {}
        try FileManager.default.createDirectory(atPath: folder.path("b"), withIntermediateDirectories: false)
        for (file, text) in ["run.json": #"{"order": {"input": "a"}}"#, "part-0.json": #"{"rows": 1, "failed": 1}"#] {
            try Data(text.utf8).write(to: URL(filePath: folder.path("b/\(file)")))
        }
        let error = #expect(throws: ScoringError.self) {
            try WorkFolder(path: folder.path("b"), for: ["input": "b"], restarts: false)
        }
        #expect(error?.message.contains("input changed since") == true)
    }
}
