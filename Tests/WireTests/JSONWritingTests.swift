import Testing
import Wire

@Suite struct JSONWritingTests {
    @Test func writesMembersInTheirOrder() {
        let json: JSON = ["z": 1, "a": [true, nil, 0.5], "m": ["x": "y"]]
        #expect(json.text == #"{"z":1,"a":[true,null,0.5],"m":{"x":"y"}}"#)
    }

    @Test func escapesWhatJSONAsksForAndNothingElse() {
        #expect(JSON.string("\"\\\n\r\t\u{0}\u{1f}\u{7f}/é😀").text == #""\"\\\n\r\t\u0000\u001f\u007f/é😀""#)
    }

    @Test func writesForPeople() {
        let json: JSON = ["a": [1, []], "b": [:]]
        #expect(json.prettyText == "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"b\": {}\n}")
    }

    @Test func spellsWhatJSONHasNoNumberFor() {
        let json: JSON = [.double(.nan), .double(.infinity), .double(-.infinity)]
        #expect(json.text == #"["NaN","Infinity","-Infinity"]"#)
        #expect(String(decoding: json.bytes(nonFinite: .literal), as: UTF8.self) == "[NaN,Infinity,-Infinity]")
    }

    @Test func leavesOutAbsentMembers() {
        #expect(JSON.compact(["a": 1, "b": nil, "c": .null]).text == #"{"a":1,"c":null}"#)
    }

    @Test(
        arguments: [
            (["a": [1, 2]], 200, #"{"a":[1,2]}"#), ("abcdef", 5, #""abcd"#), (["abc": 1, "d": 2], 8, #"{"abc":1"#),
            ([[], [], [], []], 3, "[[]"),
        ] as [(JSON, Int, String)])
    func anExcerptIsTheBeginning(value: JSON, length: Int, text: String) {
        #expect(value.excerpt(length) == text)
        #expect(value.text.hasPrefix(text))
    }
}
