import Database
import TestSupport
import Testing
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct DatabasePlaceTests {
    @Test(arguments: [
        ("/var/lib/martlet.db", "/var/lib/martlet.db"), ("sqlite:data/m.db", "data/m.db"),
        ("sqlite:///data/m.db", "/data/m.db"), ("sqlite:/data/m.db", "/data/m.db"), ("m.db", "m.db"),
    ])
    func readsFilesAndURLs(url: String, path: String) throws {
        #expect(try DatabaseLocation(url: url) == .sqlite(path: path))
    }

    @Test func refusesASchemeThatNoEngineServes() throws {
        let error = try #require(throws: DatabaseError.self) { try DatabaseLocation(url: "mysql://host/db") }
        #expect(error.message.contains("mysql"))
        #expect(error.code.status == 400)
    }

    @Test func aMissingFolderIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("missing/test.db")
        let error = try #require(throws: DatabaseError.self) { try Database.open(.sqlite(path: path)) }
        #expect(error.message.contains(path))
        #expect(error.hint != nil)
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() async throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "This is a text and not a database. ", count: 200)
        let path = try folder.write(text, to: "test.db")
        let error = try await #require(throws: DatabaseError.self) {
            try await Database.open(.sqlite(path: path)).migrate([.notes])
        }
        #expect(error.message.contains("is not a database"))
        #expect(error.code.status == 400)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    /// SQLite answers with the same code when its file may not grow as when the disk is full.
    @Test func aFullDiskFailsTheWriteAsAWholeAndSpaceHealsIt() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let database = fixture.database
        try await database.write { try $0.execute("INSERT INTO notes (text) VALUES ('before')") }
        try await database.write { _ = try $0.rows("PRAGMA max_page_count = 1") }
        let big = String(repeating: "x", count: 1 << 20)
        let error = try await #require(throws: DatabaseError.self) {
            try await database.write { transaction in
                try transaction.execute("INSERT INTO notes (text) VALUES ('small')")
                try transaction.execute("INSERT INTO notes (text) VALUES (\(big))")
            }
        }
        #expect(error.code.name == "STORAGE_FULL")
        #expect((400..<500).contains(error.code.status))
        #expect(error.message.contains(fixture.home.location.place))
        let texts: SQL = "SELECT text FROM notes ORDER BY id"
        #expect(try await database.read { try $0.values(texts, as: String.self) } == ["before"])
        try await database.write { _ = try $0.rows("PRAGMA max_page_count = 1000000") }
        try await database.write { try $0.execute("INSERT INTO notes (text) VALUES ('after')") }
        #expect(try await database.read { try $0.values(texts, as: String.self) } == ["before", "after"])
    }
}
