package import NIOPosix
package import Natives
import Wire

/// DuckDB inside this process, loaded when the first table is asked for.
///
/// DuckDB's calls block, so they run on threads that nothing else needs. Each job has a database of its own; a bounded
/// number of them is open at a time.
package actor TableEngine {
    private let python: PythonInterpreter
    private let file: String?
    private let threads: NIOThreadPool
    private let places: Turnstile
    private var library: DuckDBLibrary?

    /// - Parameters:
    ///   - file: DuckDB's shared library, when it is to be neither the system's nor the one beside `python`.
    ///   - threads: where calls block: one for each database that is open at a time.
    ///   - queueLimit: how many jobs may wait for one of these before more are refused.
    package init(
        python: PythonInterpreter, file: String?, threads: NIOThreadPool, databasesAtOnce: Int = 4,
        queueLimit: Int = 64
    ) {
        self.python = python
        self.file = file
        self.threads = threads
        places = Turnstile(places: databasesAtOnce, queueLimit: queueLimit)
    }

    /// An empty database in memory for one job, which lasts as long as somebody holds on to it.
    /// - Throws: `NativesError` that says what to install when there is no DuckDB, `TableError` when too many wait.
    package func open(_ settings: TableSettings) async throws -> TableDatabase {
        let library = try await loaded()
        do {
            try await places.enter()
        } catch let crowd as Turnstile.Crowded {
            throw TableError(
                .unavailable, "\(crowd.waiting) jobs wait to work with tables.", hint: "Try again in a moment.",
                retryAfterSeconds: 1)
        }
        let place = TablePlace(places)
        return try await TableDatabase.open(settings, library, place: place, threads: threads)
    }

    /// The library, found once. One that was missing is searched again, because it may have been installed since.
    private func loaded() async throws -> DuckDBLibrary {
        if let library { return library }
        // Two starts of Python, at the same time.
        async let folders = file == nil ? try? await python.searchPath() : nil
        async let libraries = try? await python.runtimeLibraries()
        let (path, runtime) = (await folders ?? [], await libraries ?? [])
        let found = try await threads.runIfActive { [file] in
            try DuckDBLibrary(NativeLibrary.find(.duckDB, file: file, pythonPath: path, pythonRuntime: runtime))
        }
        library = found
        return found
    }
}

/// A place among the databases that are open at a time, given back with the last use of it.
final class TablePlace: Sendable {
    private let places: Turnstile

    /// Takes over a place that was entered.
    init(_ places: Turnstile) {
        self.places = places
    }

    deinit {
        places.leave()
    }
}

extension LibraryName {
    /// The Python package brings the whole C library along, in a module that Python's own symbols must be there for.
    package static let duckDB = LibraryName(
        title: "DuckDB", fileName: "libduckdb.so", pathBesidePython: "_duckdb.*.so", variable: "DUCKDB_LIB",
        installCommand: "pip install duckdb")
}
