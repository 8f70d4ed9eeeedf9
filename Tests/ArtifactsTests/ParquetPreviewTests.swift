import Blobs
import Foundation
import NIOCore
import NIOPosix
import Natives
import Tables
import TestSupport
import Testing
import Tracking
import Wire

@testable import Artifacts

/// The first rows of Parquet files, in a folder and in a bucket.
@Suite(.timeLimit(.minutes(2))) struct ParquetPreviewTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func put(_ bytes: [UInt8], as name: String, in store: ArtifactStore) async throws -> BlobKey {
        let key = try BlobKey("1/artifacts/\(name)")
        try await store.blobs.put(
            key,
            AsyncThrowingStream { feed in
                feed.yield(ByteBuffer(bytes: bytes))
                feed.finish()
            })
        return key
    }

    private func parquet(_ query: TableQuery, rowsInGroup: Int = 122_880) async throws -> [UInt8] {
        let path = folder.path("written.parquet")
        try await TableEngine.installed.write(query, toParquet: path, rowsInGroup: rowsInGroup)
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    private func preview(
        _ bytes: [UInt8], as name: String, at place: BlobPlace = .folder, tables: TableEngine = .installed
    ) async throws -> JSON {
        let store = ArtifactStore(blobs: try await place.store(in: folder))
        let key = try await put(bytes, as: name, in: store)
        return try await PreviewReader(store: store, tables: tables).preview(of: key, at: name).json
    }

    @Test(arguments: BlobPlace.allCases)
    func showsTheFirstRowsWithTypesAndCounts(place: BlobPlace) async throws {
        let bytes = try await parquet(
            """
            SELECT i AS id, 'row ' || i AS name, CASE WHEN i = 1 THEN NULL ELSE 'nan'::DOUBLE END AS score,
                1.5::DECIMAL(4,2) AS price, DATE '2026-11-21' AS day, [i, NULL] AS list, '\\xAB'::BLOB AS raw
            FROM range(10000) t(i)
            """, rowsInGroup: 2048)
        let preview = try await preview(bytes, as: "rows.parquet", at: place)
        #expect(preview["kind"] == "table" && preview["media_type"] == "application/vnd.apache.parquet")
        #expect(preview["columns"] == ["id", "name", "score", "price", "day", "list", "raw"])
        #expect(
            preview["types"] == ["BIGINT", "VARCHAR", "DOUBLE", "DECIMAL(4,2)", "DATE", "BIGINT[]", "BLOB"])
        #expect(preview["row_count"] == 10000 && preview["truncated"] == true)
        let rows = preview["rows"]?.arrayValue ?? []
        #expect(rows.count == TableHead.maximumRows)
        #expect(rows.first?.text == #"[0,"row 0","NaN","1.50","2026-11-21","[0, NULL]","ab"]"#)
        #expect(rows.dropFirst().first?.text == #"[1,"row 1",null,"1.50","2026-11-21","[1, NULL]","ab"]"#)
    }

    /// Names that DuckDB would take for patterns or for values of columns.
    @Test(arguments: ["a*.parquet", "b[1].parquet", "run=3/c.parquet", "ü 'quoted'.PARQUET", "d.pq"])
    func aNameMeansNothing(name: String) async throws {
        let preview = try await preview(try await parquet("SELECT 7 AS x"), as: name)
        #expect(preview["columns"] == ["x"] && preview["rows"] == [[7]])
        #expect(preview["row_count"] == 1 && preview["truncated"] == false)
    }

    @Test func ofAFileInABucketOnlyTheFirstRowsAreFetched() async throws {
        let bytes = try await parquet("SELECT hash(i) AS h FROM range(200000) t(i)", rowsInGroup: 2048)
        let server = try await S3Server.get()
        let bucket = try await server.bucket()
        let store = ArtifactStore(blobs: try BlobPlace.store(of: bucket, at: server, in: folder))
        let key = try await put(bytes, as: "hashes.parquet", in: store)
        let file = try await store.blobs.sparseFile(key)
        let head = ParquetHead(blobs: store.blobs, tables: .installed)
        #expect(try await head.table(of: key).rows.count == TableHead.maximumRows)
        #expect(!file.isWhole && file.content.totalBytes == bytes.count)
        let ranges = try await server.requests(of: bucket).filter { $0.hasPrefix("206 GET") }
        // The eight bytes at the end, the mark, the description, one group of rows.
        #expect(ranges.count == 4, "\(ranges)")
    }

    @Test func longCellsAndWideTablesAreCut() async throws {
        let wide = (0..<300).map { "\($0) AS c\($0)" }.joined(separator: ", ")
        let preview = try await preview(
            try await parquet(TableQuery(stringLiteral: "SELECT repeat('é', 5000) AS long, \(wide)")),
            as: "wide.parquet")
        #expect(preview["columns"]?.arrayValue?.count == TableHead.maximumColumns)
        #expect(preview["column_count"] == 301 && preview["truncated"] == true)
        let cell = preview["rows"]?.arrayValue?.first?.arrayValue?.first?.stringValue ?? ""
        #expect(cell.count == TableHead.cellCharacters + 1 && cell.hasSuffix("é…"))
    }

    @Test(arguments: BlobPlace.allCases)
    func whatIsNoParquetIsSaid(place: BlobPlace) async throws {
        let whole = try await parquet("SELECT i FROM range(1000) t(i)")
        let damaged = whole.dropLast(60) + [UInt8](repeating: 0xFF, count: 52) + whole.suffix(8)
        let expected: [(name: String, bytes: [UInt8], words: String)] = [
            ("csv.parquet", Array("a,b\n1,2\nand some more".utf8), "does not end as"),
            ("empty.parquet", [], "does not end as"),
            ("cut.parquet", Array(whole.prefix(whole.count / 2)), "does not end as"),
            ("tail.parquet", Array(whole.suffix(40)), "too short for what it says"),
            ("damaged.parquet", Array(damaged), "DuckDB: "),
        ]
        let store = ArtifactStore(blobs: try await place.store(in: folder))
        for (name, bytes, words) in expected {
            let key = try await put(bytes, as: name, in: store)
            let preview = try await PreviewReader(store: store, tables: .installed).preview(of: key, at: name).json
            let reason = preview["reason"]?.stringValue ?? ""
            #expect(preview["kind"] == "none" && reason.contains(words), "\(name): \(preview)")
            #expect(!reason.contains(folder.path), "\(reason)")
        }
    }

    @Test func withoutDuckDBItSaysWhatToInstall() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let engine = TableEngine(
            python: PythonInterpreter(executable: "/nowhere/python", environment: [:]), file: nil, threads: threads)
        let bytes = try await parquet("SELECT 1 AS x")
        let preview = try await preview(bytes, as: "a.parquet", tables: engine)
        #expect(preview["kind"] == "none")
        #expect(preview["reason"]?.stringValue?.contains("Run 'pip install duckdb'") == true, "\(preview)")
        try await threads.shutdownGracefully()
    }

    @Test func nothingIsLeftBehind() async throws {
        let store = ArtifactStore(blobs: try await BlobPlace.folder.store(in: folder))
        let key = try await put(try await parquet("SELECT 1 AS x"), as: "a.parquet", in: store)
        var file: SparseFile? = try await store.blobs.sparseFile(key)
        let path = try #require(file?.path)
        #expect(try Data(contentsOf: URL(filePath: path)).starts(with: ParquetHead.mark))
        file = nil
        while FileManager.default.fileExists(atPath: path) { await Task.yield() }
        #expect(try await store.blobs.info(key) != nil)
    }
}
