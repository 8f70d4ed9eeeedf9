import NIOPosix
import Wire

/// A database of DuckDB in memory, shared by its connections. It closes after the last of them.
final class OpenDatabase: Sendable {
    typealias Handle = DuckDBLibrary.Handle

    let library: DuckDBLibrary
    let threads: NIOThreadPool
    private let handle: Handle
    private let place: TablePlace

    /// Blocks.
    init(_ settings: TableSettings, _ library: DuckDBLibrary, place: TablePlace, threads: NIOThreadPool) throws {
        var config: Handle = 0
        defer { library.destroyConfig(&config) }
        guard library.createConfig(&config) == DuckDBLibrary.success else { throw TableError(duckDB: "no memory") }
        for (name, value) in settings.options {
            guard library.setConfig(config, name, value) == DuckDBLibrary.success else {
                throw TableError(.invalidParameterValue, "DuckDB does not take '\(value)' for \(name).")
            }
        }
        var handle: Handle = 0
        var message: UnsafeMutablePointer<CChar>?
        guard library.openDatabase(nil, &handle, config, &message) == DuckDBLibrary.success else {
            throw TableError(duckDB: library.take(message))
        }
        self.library = library
        self.threads = threads
        self.handle = handle
        self.place = place
    }

    deinit {
        // Waits for DuckDB's own threads.
        threads.submit { [library, handle, place] _ in
            var handle = handle
            library.close(&handle)
            withExtendedLifetime(place) {}
        }
    }

    func connect() throws -> Handle {
        var connection: Handle = 0
        guard library.connect(handle, &connection) == DuckDBLibrary.success else {
            throw TableError(duckDB: "no connection")
        }
        return connection
    }

    func disconnect(_ connection: Handle) {
        var connection = connection
        library.disconnect(&connection)
    }
}
