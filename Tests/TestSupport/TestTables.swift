import Foundation
import NIOPosix
import Natives
package import Tables

extension TableEngine {
    /// The DuckDB that set-up installs beside Python.
    package static let installed = TableEngine(
        python: PythonInterpreter(
            executable: root + ".venv/bin/python", environment: ["PATH": "/usr/bin:/bin", "HOME": "/tmp"]),
        file: nil, threads: threads, queueLimit: .max)

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    private static var threads: NIOThreadPool {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }

    /// Writes the rows of a statement to a Parquet file.
    package func write(_ query: TableQuery, toParquet path: String, rowsInGroup: Int = 122_880) async throws {
        let database = try await open(TableSettings(memoryBytes: 1 << 28, files: .all))
        try await database.run(
            "COPY (\(query)) TO \(path) (FORMAT parquet, ROW_GROUP_SIZE \(rowsInGroup))")
    }
}
