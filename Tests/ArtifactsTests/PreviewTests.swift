import NIOCore
import TestSupport
import Testing
import Wire

@testable import Artifacts

/// What is read from the beginning of a file.
@Suite struct PreviewTests {
    @Test(
        arguments: [
            (
                [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 2, 0, 0, 0, 1, 0],
                512, 256
            ),
            ([0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x0A, 0x00, 0x14, 0x00], 10, 20),
            (
                [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC4, 0, 3, 9, 0xFF, 0xC2, 0, 17, 8, 0, 5, 0, 7, 3], 7, 5
            ),
            (Array("RIFF....WEBPVP8X....".utf8) + [0, 0, 0, 0, 9, 0, 0, 19, 0, 0], 10, 20),
            (Array("RIFF....WEBPVP8L....".utf8) + [0x2F, 0x09, 0xC0, 0x04, 0], 10, 20),
            (Array("RIFF....WEBPVP8 ....".utf8) + [0, 0, 0, 0x9D, 0x01, 0x2A, 10, 0, 20, 0], 10, 20),
        ] as [([UInt8], Int, Int)])
    func readsTheSizeOfAPicture(bytes: [UInt8], width: Int, height: Int) {
        let size = ImageSize(head: ByteBuffer(bytes: bytes))
        #expect(size?.width == width)
        #expect(size?.height == height)
        #expect(ImageSize(head: ByteBuffer(bytes: bytes.dropLast(bytes.count / 2 + 2))) == nil)
    }

    @Test func aTextIsCutBetweenCharactersAndAfterSomeLines() {
        let cut = ByteBuffer(bytes: Array("naïve ü".utf8).dropLast())
        #expect(TextHead(head: cut, isCut: true)?.text == "naïve ")
        #expect(TextHead(head: cut, isCut: false) == nil)
        #expect(TextHead(head: ByteBuffer(bytes: [0xEF, 0xBB, 0xBF, 0x61]), isCut: false)?.text == "a")
        #expect(TextHead(head: ByteBuffer(bytes: [0x61, 0, 0x62]), isCut: false) == nil)
        let long = TextHead(text: String(repeating: "line\r\n", count: 600), isCut: false)
        #expect(long.isCut)
        #expect(long.text.split(separator: "\n").count == TextHead.maximumLines)
        #expect(!TextHead(text: String(repeating: "line\n", count: TextHead.maximumLines), isCut: false).isCut)
    }

    @Test func readsQuotedFieldsOfAnyKind() throws {
        let table = try #require(
            TableHead(
                delimited: "a,\"b \"\"x\"\"\",c\r\n1,\"two, with\nlines\",\r\n\n4\n5,6,7,8", by: ",", isCut: false))
        #expect(table.columns == ["a", "b \"x\"", "c"])
        #expect(
            table.rows == [
                ["1", "two, with\nlines", ""], ["4", .null, .null], ["5", "6", "7"],
            ])
        #expect(!table.isCut)
    }

    @Test func aTableIsCutAfterSomeRowsAndNeverWithinOne() throws {
        let text = "x\ty\n" + (0..<60).map { "\($0)\t1\n" }.joined()
        let head = try #require(TableHead(delimited: text, by: "\t", isCut: false))
        #expect(head.rows.count == TableHead.maximumRows)
        #expect(head.isCut)
        let cut = try #require(TableHead(delimited: "x\n1\n22", by: ",", isCut: true))
        #expect(cut.rows == [["1"]])
        #expect(TableHead(delimited: "\n", by: ",", isCut: false) == nil)
    }

    @Test func readsTheTablesThatTheClientLogs() throws {
        let json = try JSON.parse(Array(#"{"columns":["a","b"],"data":[[1,"x"],[2.5,null]]}"#.utf8))
        let table = try #require(TableHead(split: json))
        #expect(table.columns == ["a", "b"])
        #expect(table.rows == [[1, "x"], [.double(2.5), .null]])
        #expect(TableHead(split: ["columns": ["a"], "data": [[1, 2]]]) == nil)
        #expect(TableHead(split: ["columns": [1], "data": []]) == nil)
        #expect(TableHead(split: ["a": 1]) == nil)
    }

    /// Damaged files have a size, rows or lines that make sense, or none.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func damagedFilesAreShownOrNot(seed: UInt64) {
        let files: [[UInt8]] = [
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 2, 0, 0, 0, 1, 0],
            [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC4, 0, 3, 9, 0xFF, 0xC2, 0, 17, 8, 0, 5, 0, 7, 3],
            Array("RIFF....WEBPVP8X....".utf8) + [0, 0, 0, 0, 9, 0, 0, 19, 0, 0],
            Array("GIF89a".utf8) + [10, 0, 20, 0], Array("a,b\r\n1,\"x \"\"y\"\"\r\n\"\r\né,\r\n\r\n2,3".utf8),
        ]
        var random = SeededNumbers(seed: seed)
        for round in 0..<4000 {
            let bytes = random.damaged(files[round % files.count], alphabet: ",\"\r\n\t;{}[]")
            let head = ByteBuffer(bytes: bytes)
            if let size = ImageSize(head: head) { #expect(size.width > 0 && size.height > 0) }
            guard let text = TextHead(head: head, isCut: round.isMultiple(of: 2))?.text else { continue }
            let table = TableHead(delimited: text, by: ",", isCut: round.isMultiple(of: 3))
            #expect(table?.rows.allSatisfy { $0.count == table?.columns.count } ?? true)
        }
    }
}
