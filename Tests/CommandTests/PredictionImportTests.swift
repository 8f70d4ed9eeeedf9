import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Wire

/// `martlet predictions import` as a person runs it: from every format, twice, and with both sides killed.
@Suite(.timeLimit(.minutes(3))) struct PredictionImportTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let environment = ["PATH": "/usr/bin:/bin", "HOME": "/tmp"]

    private func write(_ name: String, _ text: String) throws -> String {
        let path = folder.path(name)
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// - Returns: the exit code, and what is printed as JSON.
    private static func run(
        _ file: String, _ arguments: [String], on server: RunningServer
    ) async throws -> (exitCode: Int32, json: JSON, errors: String) {
        let result = try await BuiltProgram.run(
            [
                "predictions", "import", file, "--server", server.url, "--json", "--python",
                BuiltProgram.python.string,
            ] + arguments, environment: environment)
        return (result.exitCode, (try? JSON.parse(result.output)) ?? .null, result.errors)
    }

    private static func counts(_ json: JSON) -> [Int64?] {
        ["rows", "accepted", "duplicates", "late", "refused"].map { json[$0]?.integerValue }
    }

    private static func predictions(of endpoint: String, on server: RunningServer) async throws -> [JSON] {
        try await server.client.get("/api/v1/predictions?limit=1000&endpoint=\(endpoint)").json["predictions"]?
            .arrayValue ?? []
    }

    private static let csv = """
        when,order,age,city,score,class,truth
        2026-01-05 10:00:00,o-1,41,Bern,0.9,yes,1
        2026-01-05T11:00:01+01:00,o-2,,"Zürich, West",0.1,no,
        2026-01-06,o-3,7.5,NULL,0.5,no,0
        soon,o-4,1,Bern,0.5,no,0

        """

    @Test func readsEveryFormatAlike() async throws {
        let csv = try write("rows.csv", Self.csv)
        let converted = try await BuiltProgram.run(
            BuiltProgram.python,
            [
                "-c",
                """
                import duckdb, sys
                table = f"(SELECT * FROM read_csv('{sys.argv[1]}/rows.csv', all_varchar = true, nullstr = ['', '-']))"
                typed = f"SELECT * REPLACE (age::DOUBLE AS age, score::DOUBLE AS score, truth::BIGINT AS truth) FROM {table}"
                duckdb.sql(f"COPY ({typed}) TO '{sys.argv[1]}/rows.parquet'")
                duckdb.sql(f"COPY ({typed}) TO '{sys.argv[1]}/rows.ndjson' (FORMAT json)")
                """, folder.path(""),
            ], environment: Self.environment)
        #expect(converted.exitCode == 0, "\(converted.errors)")
        let options = [
            "--map", "time=when", "--map", "prediction_id=order", "--map", "output=score,class", "--map", "label=truth",
            "--ignore", "nothing", "--set", "version=3",
        ]
        try await RunningServer.run(data: folder.path("data")) { [folder] server in
            for file in [csv, folder.path("rows.parquet"), folder.path("rows.ndjson")] {
                let endpoint = String(file.split(separator: ".").last ?? "")
                let arguments = options + ["--set", "endpoint=\(endpoint)"]
                let first = try await Self.run(file, arguments, on: server)
                // A refused row is a failure to scripts.
                #expect(first.exitCode == 6, "\(first.errors)")
                #expect(Self.counts(first.json) == [4, 3, 0, 3, 1])
                let refused = first.json["refused_rows"]?.arrayValue?.first
                #expect(refused?["row"] == 4)
                #expect(refused?["reason"]?.stringValue?.contains("'time' is a moment") == true)
                let again = try await Self.run(file, arguments, on: server)
                #expect(Self.counts(again.json) == [4, 0, 3, 0, 1])

                let found = try await Self.predictions(of: endpoint, on: server)
                #expect(found.map { $0["external_id"] } == ["o-1", "o-2", "o-3"])
                let moments = ["2026-01-05T10:00:00.000Z", "2026-01-05T10:00:01.000Z", "2026-01-06T00:00:00.000Z"]
                #expect(
                    found.compactMap { $0["time"]?.integerValue.map { Timestamp(milliseconds: $0).iso8601 } } == moments
                )
                #expect(found.map { $0["inputs"]?["age"]?.doubleValue } == [41, nil, 7.5], "\(endpoint)")
                #expect(found.map { $0["inputs"]?["city"] } == ["Bern", "Zürich, West", "NULL"], "\(endpoint)")
                #expect(
                    found.map { $0["output"] } == [
                        ["score": 0.9, "class": "yes"], ["score": 0.1, "class": "no"], ["score": 0.5, "class": "no"],
                    ])
                #expect(found.map { $0["label"] } == [1, nil, 0])
                #expect(found.map { $0["version"] } == [3, 3, 3])
            }
        }
    }

    @Test(arguments: [
        (["--set", "endpoint=a", "--map", "time=when"], "No column is the output"),
        (["--set", "endpoint=a", "--map", "output=score"], "No column is the time"),
        (["--map", "output=score", "--map", "time=when"], "No column is the endpoint"),
        (["--map", "output=nothing"], "no column 'nothing'"),
        (["--map", "outptu=score"], "--map 'outptu=score' is not"),
        (["--map", "time=when,order"], "'time' is one column"),
        (["--set", "model"], "--set 'model' is not FIELD=VALUE"),
    ])
    func saysWhichColumnIsMissing(arguments: [String], words: String) async throws {
        let file = try write("rows.csv", Self.csv)
        let result = try await BuiltProgram.run(
            ["predictions", "import", file, "--server", "http://127.0.0.1:1", "--python", BuiltProgram.python.string]
                + arguments, environment: Self.environment)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    /// A file that cannot be read as what it is called is refused before anything is sent.
    @Test(arguments: [
        ("rows.csv", "", "No column is the output"),
        ("rows.parquet", "PAR1 and then nothing of the kind", "rows.parquet"),
        ("rows.ndjson", "{\"time\": 1, \"output\": 0.5}\n{\"time\": ", "rows.ndjson"),
        ("rows.xlsx", "x", "rows.xlsx"),
        ("rows.csv.gz", "time,output\n1,2\n", "rows.csv.gz"),
        ("rows*.csv", "time,output\n1,2\n", "* ? ["),
    ])
    func aFileThatCannotBeReadIsRefused(name: String, text: String, words: String) async throws {
        let file = try write(name, text)
        let result = try await BuiltProgram.run(
            [
                "predictions", "import", file, "--server", "http://127.0.0.1:1", "--python",
                BuiltProgram.python.string, "--set", "endpoint=a",
            ], environment: Self.environment)
        #expect(result.exitCode != 0)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(!result.errors.contains("127.0.0.1"), "Nothing was sent. \(result.errors)")
        let missing = try await BuiltProgram.run(
            ["predictions", "import", folder.path("away.csv"), "--server", "http://127.0.0.1:1"],
            environment: Self.environment)
        #expect(missing.exitCode != 0)
        #expect(missing.errors.contains("There is no file at"), "\(missing.errors)")
    }

    /// Each wrong row is named with what is wrong with it, and keeps none of the others from being added: one without a time is
    /// of now, one that is there is passed over, and an id is one prediction a day.
    @Test func rowsThatAreNoPredictionsAreNamed() async throws {
        let far = Timestamp(milliseconds: 4_000_000_000_000).iso8601
        let text = """
            time,prediction_id,endpoint,version,age,output,latency_ms
            2026-01-05T10:00:00Z,a,clinic,1,41,0.9,12
            ,b,clinic,1,41,0.9,12
            \(far),c,clinic,1,41,0.9,12
            2026-01-05T10:00:00Z,d,,1,41,0.9,12
            2026-01-05T10:00:00Z,e,clinic,minus,41,0.9,12
            2026-01-05T10:00:00Z,f,clinic,1,41,,12
            2026-01-05T10:00:00Z,a,clinic,1,41,0.9,12
            2026-01-05T10:00:00Z,g,clinic,1,,0.9,
            2026-01-06T10:00:00Z,a,clinic,1,41,0.9,12

            """
        let file = try write("rows.csv", text)
        try await RunningServer.run(data: folder.path("data")) { server in
            let result = try await Self.run(file, [], on: server)
            #expect(result.exitCode == 6, "\(result.errors)")
            let refused = result.json["refused_rows"]?.arrayValue ?? []
            let rows = refused.compactMap { $0["row"]?.integerValue }
            #expect(rows == [3, 4, 5, 6], "\(result.json)")
            for (row, word) in zip(refused, ["time", "endpoint", "version", "output"]) {
                #expect(row["reason"]?.stringValue?.contains(word) == true, "\(row)")
            }
            #expect(Self.counts(result.json) == [9, 4, 1, 3, 4])
            let found = try await Self.predictions(of: "clinic", on: server)
            #expect(found.compactMap { $0["external_id"]?.stringValue }.sorted() == ["a", "a", "b", "g"])
        }
    }

    /// Rows that have no name and are alike: they are told apart by where they stand in the file.
    @Test func everyRowIsThereOnceThoughBothSidesAreKilled() async throws {
        let rows = 6000
        let filler = String(repeating: "x", count: 500)
        let text = (0..<rows).map {
            "2026-01-05T10:\($0 % 60 + 10 > 59 ? 59 : $0 % 60 + 10):00Z,\($0 % 7),\(filler),0.5\n"
        }
        let file = try write("rows.csv", "time,age,text,output\n" + text.joined())
        let arguments = ["--set", "endpoint=bulk"]
        let data = folder.path("data")

        // The server goes away while rows come in.
        try await RunningServer.run(data: data) { server in
            async let ended = Self.run(file, arguments, on: server)
            while try await Self.predictions(of: "bulk", on: server).isEmpty {}
            try server.kill()
            #expect(try await ended.exitCode != 0)
        }
        // Then the one that sends.
        try await RunningServer.run(data: data) { server in
            let progress = file + ".importing"
            let before = FileManager.default.contents(atPath: progress)
            let variables = Self.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
            let configuration = Configuration(
                executable: .path(BuiltProgram.path),
                arguments: [
                    "predictions", "import", file, "--server", server.url, "--python", BuiltProgram.python.string,
                    "--set", "endpoint=bulk",
                ],
                environment: .custom(Dictionary(variables, uniquingKeysWith: { first, _ in first })))
            _ = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                while FileManager.default.contents(atPath: progress) == before {
                    try await Task.sleep(for: .milliseconds(2))
                }
                try execution.send(signal: .kill)
            }
            let rest = try await Self.run(file, arguments, on: server)
            #expect(rest.exitCode == 0, "\(rest.errors)")
            #expect(rest.json["rows"] == .integer(Int64(rows)))
            #expect(rest.json["refused"] == 0)
            #expect(!FileManager.default.fileExists(atPath: progress))
            let exported = try await server.client.get("/api/v1/predictions/export?endpoint=bulk&format=ndjson").text
            let ids = exported.split(separator: "\n").compactMap {
                try? JSON.parse(String($0))["external_id"]?.stringValue
            }
            #expect(ids.count == rows)
            #expect(Set(ids).count == rows)
            let again = try await Self.run(file, arguments, on: server)
            #expect(again.json["accepted"] == 0)
            #expect(again.json["duplicates"] == .integer(Int64(rows)))
        }
    }
}
