import HTTPTypes
import Testing
import Web
import Wire

@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-3", 0..<4), ("bytes=0-0", 0..<1), ("bytes=4-", 4..<10), ("bytes=-3", 7..<10), ("bytes=-10", 0..<10),
        ("bytes=-99", 0..<10), ("bytes=0-99", 0..<10), ("bytes=9-9", 9..<10), ("bytes=9-10", 9..<10),
        ("bytes= 2 - 4 ", 2..<5), ("Bytes=1-2", 1..<3), ("bytes=0-99999999999999999999", 0..<10),
        ("bytes=-99999999999999999999", 0..<10), ("bytes=0-9223372036854775807", 0..<10),
    ])
    func readsWhatTenBytesCanSatisfy(header: String, bytes: Range<Int>) throws {
        let range = try #require(try ByteRange(header: header, total: 10))
        #expect(range.bytes == bytes)
        #expect(range.contentRange == "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/10")
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=3", "bytes=5-4", "items=0-3", "bytes=0-1,4-5",
        "bytes=1-2-3", "bytes=--3", "bytes=+1-2", "bytes=0x1-2", "bytes=1.0-2", "bytes=٣-٤",
    ])
    func sendsTheWholeForWhatItDoesNotUnderstand(header: String?) throws {
        #expect(try ByteRange(header: header, total: 10) == nil)
    }

    @Test(arguments: [
        ("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=99999999999999999999-", 10), ("bytes=-0", 10), ("bytes=0-", 0),
        ("bytes=0-0", 0), ("bytes=-1", 0),
    ])
    func refusesWhatLiesOutside(header: String, total: Int) throws {
        let error = try #require(throws: WebError.self) { try ByteRange(header: header, total: total) }
        #expect(error.code.status == 416)
        #expect(error.headers[.contentRange] == "bytes */\(total)")
    }
}
