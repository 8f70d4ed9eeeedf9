import TestSupport
import Testing
import Tracking
import Wire

@testable import Traces

/// Exports of OpenTelemetry, as the reference implementation encodes them (Fixtures/make.py).
@Suite(.everyEngine) struct SpanExportTests {
    @Test func readsTheSameFromProtobufAndFromJSON() throws {
        let protobuf = try SpanExport(protobuf: TraceFixture.bytes("export.pb")[...])
        #expect(protobuf == (try SpanExport(json: TraceFixture.json("export.json"))))
        #expect(protobuf.entries.map(\.span.name) == ["checkout ☂", "pay"])
        #expect(protobuf.entries[1].span.parentID == protobuf.entries[0].span.id)
        #expect(protobuf.entries[1].resource.map(\.key) == ["service.name", "telemetry.sdk.name", "pid"])
    }

    @Test func writesEveryFieldAsTheReferenceDoes() throws {
        let spans = try SpanExport(protobuf: TraceFixture.bytes("export.pb")[...]).entries.map(\.span)
        let wanted = try #require(try TraceFixture.json("answer.json").arrayValue)
        #expect(spans.map { $0.json.integersAsText } == wanted.map(\.integersAsText))
    }

    @Test func readsTheJSONThatItWrites() throws {
        for span in try SpanExport(protobuf: TraceFixture.bytes("export.pb")[...]).entries.map(\.span) {
            #expect(try Span(Fields(span.json), ids: .base64) == span)
        }
    }

    @Test(
        arguments: [
            "", "{}", #"{"resourceSpans":[]}"#, #"{"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]}"#,
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xx","spanId":"00"}]}]}]}"#,
            #"{"resourceSpans":{}}"#,
        ])
    func refusesJSONThatIsNoExport(text: String) {
        #expect(throws: (any Error).self) { try SpanExport(json: JSON.parse(text)) }
    }

    @Test(arguments: ["", "00", "000102030405060708090a0b0c0d0e0f10", "00000000000000000000000000000000"])
    func refusesIDsThatAreNone(id: String) throws {
        let json: JSON = [
            "resourceSpans": [["scopeSpans": [["spans": [["traceId": .string(id), "spanId": "0102030405060708"]]]]]]
        ]
        #expect(throws: TraceError.self) { try SpanExport(json: json) }
    }

    /// The parser never crashes, and what it takes, it writes and reads again.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func damagedMessagesAreRefusedOrUnderstood(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let whole = try TraceFixture.bytes("export.pb")
        var accepted = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
                case 2: bytes.remove(at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            guard let export = try? SpanExport(protobuf: bytes[...]) else { continue }
            accepted += 1
            for span in export.entries.map(\.span) {
                #expect(try Span(Fields(span.json), ids: .base64).json == span.json)
            }
        }
        #expect(accepted > 50)
    }

    @Test func refusesMessagesNestedTooDeep() throws {
        // An array within an array, a thousand times: field 5 of AnyValue, field 1 of ArrayValue.
        var value: [UInt8] = []
        for _ in 0..<1000 { value = Self.field(5, Self.field(1, value)) }
        let span = Self.field(9, Self.field(1, Array("k".utf8)) + Self.field(2, value))
        let export = Self.field(1, Self.field(2, Self.field(2, span)))
        #expect(throws: TraceError.self) { try SpanExport(protobuf: export[...]) }
    }

    @Test func skipsFieldsThatItDoesNotKnow() throws {
        let unknown: [UInt8] = [0x98, 0x3E, 0x01] + [0x9B, 0x3E, 0x08, 0x01, 0x9C, 0x3E] + [0x9D, 0x3E, 1, 2, 3, 4]
        let export = try SpanExport(protobuf: (unknown + TraceFixture.bytes("export.pb"))[...])
        #expect(export.entries.count == 2)
    }

    private static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        [UInt8(number << 3 | 2)] + varint(content.count) + content
    }

    private static func varint(_ number: Int) -> [UInt8] {
        number < 128 ? [UInt8(number)] : [UInt8(number & 127 | 128)] + varint(number >> 7)
    }
}

/// How attributes are kept in a column.
@Suite struct StoredAttributeTests {
    @Test(
        arguments: [
            (.string("a"), .text), (.string("a\0b"), .plain), (.string(""), .text), (.none, .plain),
            (.bool(true), .plain),
            (.int(.min), .plain), (.double(1), .plain), (.double(-0.0), .plain), (.double(1e300), .plain),
            (.double(.infinity), .message), (.bytes([0, 255]), .message),
            (.array([.int(1), .array([]), .string("x")]), .plain), (.array([.bytes([])]), .message),
            (.keyValues([]), .plain),
            (.keyValues([SpanAttribute("a", .double(2)), SpanAttribute("b", .none)]), .plain),
            (.keyValues([SpanAttribute("a", .int(2)), SpanAttribute("a", .int(3))]), .message),
        ] as [(SpanValue, StoredAttribute.Form)])
    func areReadAsTheyWere(value: SpanValue, form: StoredAttribute.Form) throws {
        let stored = StoredAttribute(value)
        #expect(stored.form == form)
        #expect(try stored.value() == value)
        #expect(!stored.text.utf8.contains(0))
    }
}
