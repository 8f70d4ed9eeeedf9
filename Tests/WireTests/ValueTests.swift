import Testing
import Wire

@Suite struct PageTokenTests {
    @Test func readsWhatItWrote() throws {
        for offset in [1, 100, Int(Int32.max)] {
            #expect(try PageToken(PageToken(offset: offset).text).offset == offset)
        }
    }

    @Test(arguments: [
        "", "x", "e30=", "bnVsbA==", "eyJvZmZzZXQiOiAwfQ==", "eyJvZmZzZXQiOiAtNX0=", "eyJvZmZzZXQiOiA5OTk5OTk5OTk5OX0=",
        "eyJvZmZzZXQiOiAiYSJ9",
    ])
    func refusesOtherText(text: String) {
        #expect(throws: FieldProblem.self) { try PageToken(text) }
    }

    @Test func cutsAPageFromOneRowMoreThanAskedFor() {
        #expect(Page(rows: [1, 2, 3], limit: 2, offset: 4).elements == [1, 2])
        #expect(Page(rows: [1, 2, 3], limit: 2, offset: 4).next?.offset == 6)
        #expect(Page(rows: [1, 2], limit: 2, offset: 4).next == nil)
        #expect(Page<Int>(rows: [], limit: 2, offset: 0).next == nil)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_232_843_120, "2026-11-21T03:47:23.120Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        ] as [(Int64, String)])
    func isWrittenInUTC(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
    }

    @Test func neverGoesBeyondWhatANumberCanSay() {
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(last + .milliseconds(1) == last)
        #expect(first + .seconds(-1) == first)
        #expect(Timestamp(milliseconds: 0) + .seconds(Int64.max) == last)
        #expect(Timestamp(milliseconds: 5) + .milliseconds(-6) == Timestamp(milliseconds: -1))
        #expect(last.milliseconds(since: first) == .max)
        #expect(first.milliseconds(since: last) == .min)
        #expect(Timestamp(milliseconds: 7).milliseconds(since: Timestamp(milliseconds: 9)) == -2)
    }

    @Test func losesNoMillisecondInText() {
        let texts = (1000..<2000).map { Timestamp(milliseconds: 1_795_232_843_000 + $0).iso8601.dropLast().suffix(3) }
        #expect(texts == (1000..<2000).map { String($0).suffix(3) })
    }

    @Test func addsDurations() {
        #expect(Timestamp(milliseconds: 5) + .milliseconds(1250) == Timestamp(milliseconds: 1255))
        #expect(Timestamp(milliseconds: 5) + .seconds(-2) == Timestamp(milliseconds: -1995))
    }

    @Test func spellsEveryDayFrom1600To2400InOrder() {
        var last = ""
        for day in Int64(-135_140)...157_054 {
            let text = Timestamp(milliseconds: day * 86_400_000).iso8601
            guard text > last, text.hasSuffix("T00:00:00.000Z") else {
                Issue.record("\(text) comes after \(last)")
                return
            }
            last = text
        }
        #expect(last == "2400-01-01T00:00:00.000Z")
    }

    @Test func spellsTheEndsOfTime() {
        #expect(Timestamp(milliseconds: .max).iso8601 == "292278994-08-17T07:12:55.807Z")
        #expect(Timestamp(milliseconds: .min).iso8601 == "-292275055-05-16T16:47:04.192Z")
    }
}

@Suite struct EntropyTests {
    @Test func idsAre32LowerCaseDigitsAlsoWhenBitsAreFew() {
        #expect(Entropy { 0 }.hexID() == String(repeating: "0", count: 32))
        #expect(Entropy { .max }.hexID() == String(repeating: "f", count: 32))
        #expect(Entropy { 0xAB }.hexID() == "00000000000000ab00000000000000ab")
    }

    @Test func sortableIDsSortByTimeAndSayIt() {
        let moments = [0, 1, 1_795_232_843_120, 1 << 47].map { Timestamp(milliseconds: $0) }
        let ids = moments.map { Entropy.system.sortableID(at: $0) }
        #expect(ids == ids.sorted())
        #expect(ids.map(Entropy.moment(ofSortableID:)) == moments)
        #expect(ids.allSatisfy { $0.count == 32 })
    }

    @Test(arguments: [
        "", "0123", "-0000000000f00000000000000000000", "+0000000000f00000000000000000000",
        "0123456789abzzzzzzzzzzzzzzzzzzzz", "é12345678901234567890123456789", "0123456789AB00000000000000000000",
    ])
    func readsNoMomentFromOtherText(text: String) {
        #expect(Entropy.moment(ofSortableID: text) == nil)
    }

    @Test func readsMomentsFromLowerCaseDigitsOnly() {
        let id = Array("0123456789abcdef0123456789abcdef".utf8)
        let digits = Set("0123456789abcdef".utf8)
        for place in id.indices {
            for byte in UInt8(0)..<128 {
                var other = id
                other[place] = byte
                let moment = Entropy.moment(ofSortableID: String(decoding: other, as: UTF8.self))
                let expected = Int64(String(decoding: other.prefix(12), as: UTF8.self), radix: 16)
                #expect(moment?.milliseconds == (digits.contains(byte) ? expected : nil))
            }
        }
    }

    @Test func idsDoNotRepeat() {
        #expect(Set((0..<10_000).map { _ in Entropy.system.hexID() }).count == 10_000)
    }
}

@Suite struct TimestampParsingTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-21T03:47:23.120Z", 1_795_232_843_120),
            ("2026-11-21T04:47:23.12+01:00", 1_795_232_843_120),
            ("2026-11-20t22:17:23.120999999-05:30", 1_795_232_843_120),
            ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29 00:00:00z", 951_782_400_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func readsMomentsOfRFC3339(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T03:47:23", "2026-13-21T03:47:23Z", "2026-11-21T24:00:00Z",
        "2026-11-21T03:47:23.Z",
        "2026-11-21T03:47:23Zz", "+026-11-21T03:47:23Z", "2026-11-21T03:47:23+0100", "２026-11-21T03:47:23Z",
    ])
    func refusesOtherText(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func readsWhatItWrote() {
        for milliseconds in stride(from: Int64(-5_000_000_000_000), to: 5_000_000_000_000, by: 86_399_999_777) {
            let moment = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(rfc3339: moment.iso8601) == moment)
        }
    }
}
