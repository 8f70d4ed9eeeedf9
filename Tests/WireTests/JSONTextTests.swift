import Testing
import Wire

@Suite struct JSONTextTests {
    @Test(arguments: [
        "null", "true", "-1.5e-3", "NaN", "\"a\\u00e9\\\"b\"", "\"\u{1F426}\"", "[]", "{}", "[1,[2,{\"a\":[]}],\"]\"]",
        "{\"a\":{\"b\":[1,2]},\"c\":\"}\"}", "[ 1 , 2 ]",
    ])
    func keepsTheTextAndGivesTheValue(text: String) throws {
        let kept = try JSONText(" \(text)\n")
        #expect(kept.text == text)
        #expect(kept.json.text == (try JSON.parse(text)).text)
        #expect(JSONText(kept.json).json.text == kept.json.text)
    }

    /// What a parser refuses is refused without building a value, for the same reason, at the same place.
    @Test(arguments: [
        "", "[1,", "[1 2]", "{\"a\" 1}", "{a:1}", "{\"a\":1,}", "\"a", "\"\\x\"", "\"\u{1}\"", "tru", "01", "[1] 2",
        String(repeating: "[", count: 300),
    ])
    func refusesWhatIsNoJSON(text: String) throws {
        let refusal = #expect(throws: JSONSyntaxError.self) { try JSONText(text) }
        let parsers = #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        #expect(refusal?.offset == parsers?.offset)
    }

    @Test func aListIsTakenApartAndPutTogether() throws {
        let list = try JSONText("[{\"a\": [1, 2]} , \"],[\",null,-1e3]")
        let elements = try #require(list.elements)
        #expect(elements.map(\.text) == ["{\"a\": [1, 2]}", "\"],[\"", "null", "-1e3"])
        #expect(JSONText(list: elements).text == "[{\"a\": [1, 2]},\"],[\",null,-1e3]")
        #expect(try JSONText("[]").elements?.isEmpty == true)
        #expect(JSONText(list: [JSONText]()).text == "[]")
        for text in ["{}", "1", "\"[1]\""] { #expect(try JSONText(text).elements == nil) }
    }

    @Test func refusesBytesThatAreNoText() {
        let bytes: [UInt8] = [UInt8(ascii: "\""), 0xFF, UInt8(ascii: "\"")]
        let error = bytes.withUnsafeBufferPointer { buffer in
            #expect(throws: JSONSyntaxError.self) {
                var scanner = JSONScanner(bytes: buffer)
                _ = try scanner.text()
            }
        }
        #expect(error?.reason == "invalid UTF-8")
    }
}
