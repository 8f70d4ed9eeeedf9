import ArgumentParser
import Console
import Foundation
import NIOPosix
import Natives
import Tables
import Wire

/// The options that `profile` and `drift` have in common.
struct ProfilingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The columns to look at, with commas between them (default all).", valueName: "columns"))
    var columns: [String] = []

    @Option(help: ArgumentHelp("The columns to leave out.", valueName: "columns"))
    var exclude: [String] = []

    @Option(help: ArgumentHelp("csv, ndjson or parquet, whatever the names of the files.", valueName: "format"))
    var format: String?

    @Flag(help: "Leave values of columns of names out of everything that is printed and written.")
    var withoutNames = false

    @Option(help: ArgumentHelp("How many threads read (default all processors).", valueName: "number"))
    var threads: Int?

    @Option(help: ArgumentHelp("The Python beside which DuckDB is installed (default python3).", valueName: "path"))
    var python: String?

    @Flag(help: "Print JSON, which is stable for scripts.")
    var json = false

    var choice: ColumnChoice {
        ColumnChoice(only: Self.names(columns), except: Self.names(exclude))
    }

    var names: NameDisplay { withoutNames ? .hidden : .shown }

    private static func names(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    func work() async throws -> TableWork {
        let settings = try await Settings.load()
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let threads = threads ?? processors
        guard (1...64).contains(threads) else {
            throw ProfilingError.invalid("--threads is 1 to 64, not \(threads).")
        }
        let named = python ?? settings.string("python") ?? "python3"
        let executable =
            named.contains("/") ? URL(filePath: named).standardizedFileURL.path(percentEncoded: false) : named
        let engine = TableWork.engine(
            python: PythonInterpreter(executable: executable, environment: settings.environment),
            file: settings.environment["DUCKDB_LIB"], threads: threads)
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        return try await TableWork(engine, folder: folder, threads: threads)
    }

    func print(_ output: Output) {
        Swift.print(output.text(asJSON: json), terminator: "")
    }
}

/// A file that a report is written to.
struct ReportFile {
    enum Kind {
        case html, json, profile
    }

    let path: String
    let kind: Kind

    /// - Throws: `ProfilingError` for a name that does not say what it is.
    init(_ path: String, kinds: [Kind] = [.html, .json]) throws {
        let known: [String: Kind] = ["html": .html, "json": .json, "profile": .profile]
        guard let kind = known[URL(filePath: path).pathExtension.lowercased()], kinds.contains(kind) else {
            let names = known.filter { kinds.contains($0.value) }.keys.sorted().map { ".\($0)" }
            throw ProfilingError.invalid(
                "\(path) does not say what to write.", hint: "Its name ends with \(names.joined(separator: " or ")).")
        }
        self.path = path
        self.kind = kind
    }

    /// Writes the file whole or not at all.
    func write(_ bytes: [UInt8]) throws {
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ProfilingError.invalid("\(path) cannot be written.", hint: "Check the folder and its permissions.")
        }
    }
}
