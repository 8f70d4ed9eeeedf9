package import ArgumentParser
import Console
import Foundation
import Logging
import NIOPosix
import Natives
import Runtimes
import Tables
import Wire

/// `martlet batch`
package struct BatchCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Score a table: CSV, NDJSON or Parquet in, the same rows with predictions out.",
        discussion: """
            Rows keep their order, and memory does not grow with their number. A batch that was interrupted, in whatever \
            way, goes on when the same command is given again. Rows that the model refuses go to a side file.

            Examples:
              martlet batch --model models:/churn@champion --input data.parquet --output scored.parquet
              martlet batch --model ./model --input data.csv.gz --output scored.ndjson --keep customer_id
              martlet batch --endpoint churn --input data.csv --output scored.csv --limit-failures 1%
              martlet batch --on-server --model models:/churn/3 --input runs:/4f…/data.parquet \\
                --output runs:/4f…/scored.parquet
            """)

    @Option(
        help: ArgumentHelp(
            "What answers: models:/NAME/3, models:/NAME@ALIAS or models:/NAME/latest of the server, or a model folder. It "
                + "is run here.", valueName: "model"))
    var model: String?

    @Option(help: ArgumentHelp("An endpoint of the server that answers instead.", valueName: "name"))
    var endpoint: String?

    @Option(help: ArgumentHelp("The rows: a .csv, .ndjson or .parquet file (.gz too).", valueName: "file"))
    var input: String

    @Option(
        help: ArgumentHelp("Where the rows go with their predictions, in the format of its name.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("csv, ndjson or parquet, whatever the name.", valueName: "format"))
    var inputFormat: String?

    @Option(help: ArgumentHelp("csv, ndjson or parquet, whatever the name.", valueName: "format"))
    var outputFormat: String?

    @Option(
        name: [.customLong("keep"), .customLong("columns")],
        help: ArgumentHelp(
            "The input's columns that the output has before the predictions, with commas between them; may be repeated "
                + "(default all).", valueName: "columns"))
    var keep: [String] = []

    @Flag(help: "Have the predictions alone in the output.")
    var predictionsOnly = false

    @Option(help: ArgumentHelp("Parameters for the model, as a JSON object.", valueName: "json"))
    var params: String?

    @Option(help: ArgumentHelp("The most rows that the model is asked about at once.", valueName: "rows"))
    var batchRows: Int?

    @Option(
        help: ArgumentHelp(
            "Where rows go that the model refuses: NDJSON with row (from 1), reason and input (default OUTPUT.failed.ndjson).",
            valueName: "file"))
    var failed: String?

    @Option(
        help: ArgumentHelp(
            "Give up when more rows are refused than this number, or this share, such as 2.5%.", valueName: "limit"))
    var limitFailures: String?

    @Flag(help: "Replace an output that is there already.")
    var overwrite = false

    @Flag(help: "Begin anew, whatever an earlier run has done.")
    var restart = false

    @Option(
        help: ArgumentHelp("After how many rows what is done survives a kill (default what suits).", valueName: "rows"))
    var partRows: Int?

    @Flag(
        help:
            "Have the server do it, as a job: the input and the output are artifacts, mlflow-artifacts:/… or runs:/RUN/PATH."
    )
    var onServer = false

    @Flag(help: "With --on-server: do not wait for the end.")
    var detach = false

    @Option(help: ArgumentHelp("The Python that runs models (default python3).", valueName: "path"))
    var python: String?

    @OptionGroup var server: ServerOptions

    package init() {}

    package func run() async throws {
        try await server.run { client in
            if onServer { return try await scoreOnServer(ScoringJobClient(api: client)) }
            let settings = try await Settings.load()
            let order = try order()
            let folder = order.output.path + ".parts"
            try ScoringRun.checkPlace(of: order, folder: folder)
            let parameters = try parameters()
            let work = try WorkFolder(path: folder, for: identity(order), restarts: restart)
            let scorer = try await scorer(client, settings, parameters, work)
            let summary: ScoringSummary
            do {
                summary = try await score(order, scorer, settings, work)
            } catch {
                await scorer.close()
                throw error
            }
            await scorer.close()
            work.remove()
            return Output(summary.json, lines: Self.lines(summary, order))
        }
    }

    private func score(
        _ order: ScoringOrder, _ scorer: any Scorer, _ settings: Settings, _ work: WorkFolder
    ) async throws -> ScoringSummary {
        let meter = ProgressMeter()
        let progress = Progress()
        defer { progress.end() }
        let run = ScoringRun(order, by: scorer, tables: Self.tables(interpreter(settings), settings), in: work) {
            state in
            progress.show(meter.line(state))
        }
        return try await run.run()
    }

    private func scoreOnServer(_ jobs: ScoringJobClient) async throws -> Output {
        guard let model, endpoint == nil else {
            throw ScoringError.invalid(
                "On the server it is a registered model that answers.", hint: "Write --model models:/…")
        }
        var batch = try await jobs.begin(
            .compact([
                "model": .string(model), "input": .string(input), "output": .string(output),
                "failed_output": failed.map(JSON.string), "input_format": inputFormat.map(JSON.string),
                "output_format": outputFormat.map(JSON.string), "columns": columns.map { .strings($0) },
                "params": try parameters(), "batch_rows": batchRows.map { .integer(Int64($0)) },
                "limit_failures": limitFailures.map(JSON.string), "overwrite": .bool(overwrite),
            ]))
        if !detach {
            let meter = ProgressMeter()
            let progress = Progress()
            defer { progress.end() }
            batch = try await jobs.wait(for: batch) { state in progress.show(meter.line(state)) }
        }
        return Output(batch, lines: BatchesCommand.lines(batch))
    }

    // MARK: What is asked for

    private var columns: [String]? {
        let names = keep.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        return predictionsOnly ? [] : names.isEmpty ? nil : names
    }

    private func order() throws -> ScoringOrder {
        let input = try TableFile(path: Self.absolute(input), format: inputFormat)
        let output = try TableFile(path: Self.absolute(output), format: outputFormat)
        guard input.path != output.path else {
            throw ScoringError.invalid("The input and the output are the same file, \(input.path).")
        }
        var order = ScoringOrder(
            input: input, output: output, failedPath: Self.absolute(failed ?? "\(output.path).failed.ndjson"))
        order.keep = columns
        if let batchRows {
            guard (1...1_000_000).contains(batchRows) else {
                throw ScoringError.invalid("--batch-rows is 1 to 1000000, not \(batchRows).")
            }
            order.batchRows = batchRows
        }
        if let partRows {
            guard partRows > 0 else { throw ScoringError.invalid("--part-rows is 1 or more, not \(partRows).") }
            order.partRows = partRows
        }
        order.failureLimit = try limitFailures.map(FailureLimit.init)
        order.replacesOutput = overwrite
        return order
    }

    private func parameters() throws -> JSON? {
        guard let params else { return nil }
        guard let json = try? JSON.parse(params), json.objectValue != nil else {
            throw ScoringError.invalid("--params is no JSON object.", hint: #"Write --params '{"threshold": 0.5}'."#)
        }
        return json
    }

    /// What must be the same when a batch goes on: all that its rows depend on.
    private func identity(_ order: ScoringOrder) -> JSON {
        let attributes = try? FileManager.default.attributesOfItem(atPath: order.input.path)
        let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970
        return .compact([
            "input": .string(order.input.path), "input format": .string(order.input.format.rawValue),
            "size of the input": (attributes?[.size] as? Int).map { .integer(Int64($0)) },
            "time of the input": modified.map { .double($0) }, "output format": .string(order.output.format.rawValue),
            "model": model.map { .string($0) }, "endpoint": endpoint.map { .string($0) },
            "columns": order.keep.map { .strings($0) }, "params": params.map { .string($0) },
        ])
    }

    private static func absolute(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }

    // MARK: What answers

    private func scorer(
        _ client: APIClient, _ settings: Settings, _ parameters: JSON?, _ work: WorkFolder
    ) async throws -> any Scorer {
        switch (model, endpoint) {
        case (nil, let name?): return EndpointScorerClient(api: client, endpoint: name, parameters: parameters)
        case (let model?, nil):
            let runtimes = ModelRuntimes(
                python: interpreter(settings), libraryFiles: LibraryFiles(environment: settings.environment),
                limits: .batches, group: MultiThreadedEventLoopGroup.singleton,
                threads: .singleton,
                logger: Logger(label: "martlet") { StreamLogHandler.standardError(label: $0) })
            let folder = try await folder(of: model, client, work)
            let runtime = try await runtimes.load(path: folder)
            return RuntimeScorer(
                runtime, parameters: parameters, concurrency: ProcessInfo.processInfo.activeProcessorCount)
        default:
            throw ScoringError.invalid(
                "Either --model or --endpoint says what answers.", hint: "Write --model models:/NAME@ALIAS.")
        }
    }

    /// A registered model is fetched once, and stays what it was when the batch began.
    private func folder(of model: String, _ client: APIClient, _ work: WorkFolder) async throws -> String {
        guard model.hasPrefix("models:/") else { return Self.absolute(model) }
        let downloads = ModelDownloadClient(api: client)
        let version: String
        if let pinned = work.model {
            version = pinned
        } else {
            version = try await downloads.resolve(model)
            try work.pin(version)
        }
        let folder = work.path + "/model"
        try await downloads.download(version, to: folder)
        return folder
    }

    private func interpreter(_ settings: Settings) -> PythonInterpreter {
        let python = python ?? settings.string("python") ?? "python3"
        return PythonInterpreter(
            executable: python.contains("/") ? Self.absolute(python) : python, environment: settings.environment)
    }

    private static func tables(_ python: PythonInterpreter, _ settings: Settings) -> TableEngine {
        // One for reading, one for writing, one for what is read beside.
        let threads = NIOThreadPool(numberOfThreads: 3)
        threads.start()
        return TableEngine(python: python, file: settings.environment["DUCKDB_LIB"], threads: threads)
    }

    private static func lines(_ summary: ScoringSummary, _ order: ScoringOrder) -> [String] {
        let columns = summary.columns.joined(separator: ", ")
        var lines = ["\(summary.rows - summary.failed) rows with \(columns) are in \(order.output.path)."]
        if summary.failed > 0 {
            lines.append("\(summary.failed) rows were refused; \(order.failedPath) says why.")
        }
        return lines
    }
}
