import NIOCore
import Testing
import Wire

@testable import Runtimes

@Suite struct WorkerFrameTests {
    private static let decoder = WorkerFrameDecoder(maximumBytes: 1 << 20)

    @Test func readsBackWhatItWrote() throws {
        let batch = Batch(
            rowCount: 3,
            columns: [
                Column(name: "age", values: .doubles([1.5, .pi, -0])),
                Column(name: "city", values: .strings(["Rome", "", "Zürich"]), validity: [true, false, true]),
            ])
        let frame = WorkerFrame.predict(.table(batch), parameters: ["seed": 1], isPositional: false)
        var bytes = frame.bytes
        let again = try Self.decoder.next(in: &bytes)
        #expect(again?.values == frame.values)
        #expect(again?.header["columns"]?.arrayValue?.count == 2)
        #expect(again?.header["params"] == ["seed": 1])
        #expect(bytes.readableBytes == 0)
    }

    @Test func laysEveryArrayOnAMultipleOfEightBytes() throws {
        let batch = Batch(
            rowCount: 3,
            columns: [
                Column(name: "a", values: .bools([true, false, true])), Column(name: "b", values: .int32s([1, 2, 3])),
                Column(name: "c", values: .strings(["x", "yz", ""]), validity: [true, true, false]),
            ])
        let frame = WorkerFrame.predict(.table(batch), parameters: nil, isPositional: false)
        // 3 bytes, 12 bytes, 3 x 4 + 3 bytes, 1 byte of bits.
        #expect(frame.values.readableBytes == 8 + 16 + 16 + 8)
        #expect(frame.values.getInteger(at: 40, as: UInt8.self) == 0b011)
        #expect(frame.bytes.readableBytes % 8 == 0)
    }

    @Test func describesNoTableThatHasWhatTheSignatureSays() throws {
        let columns: JSON = [["name": "a", "type": "double"], ["name": "b", "type": "string"]]
        let signature = try ModelSignature(json: ["inputs": columns], isTypedByHints: false)
        let a = Column(name: "a", values: .doubles([1, 2]))
        let b = Column(name: "b", values: .strings(["x", "y"]))
        let gap = Column(name: "b", values: .strings(["x", ""]), validity: [true, false])
        let long = Column(name: "a", values: .int64s([1, 2]))
        let whole = Batch(rowCount: 2, columns: [a, b])
        #expect(whole.isPlain(for: signature))
        for other in [[a], [b, a], [a, gap], [long, b], [a, b, a]] {
            #expect(!Batch(rowCount: 2, columns: other).isPlain(for: signature))
        }
        #expect(!whole.isPlain(for: nil))
        let frame = WorkerFrame.predict(plain: whole)
        #expect(frame.header == ["kind": "plain", "rows": 2])
        let described = WorkerFrame.predict(.table(whole), parameters: nil, isPositional: false)
        #expect(frame.values == described.values)
    }

    @Test func waitsForTheWholeFrame() throws {
        let whole = WorkerFrame.load(folder: "/models/1").bytes
        for count in 0..<whole.readableBytes {
            var part = try #require(whole.getSlice(at: 0, length: count))
            #expect(try Self.decoder.next(in: &part) == nil)
        }
    }

    @Test(
        arguments: [
            // Longer than allowed, shorter than its own prefix, a header beyond the frame, a header that is not JSON.
            [0xFF, 0xFF, 0xFF, 0x7F], [2, 0, 0, 0], [8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0],
            [8, 0, 0, 0, 4, 0, 0, 0, 0x7B, 0x7B, 0x7B, 0x7B],
        ] as [[UInt8]])
    func refusesGarbage(bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        #expect(throws: RuntimeError.self) { try Self.decoder.next(in: &buffer) }
    }

    @Test(arguments: [
        #"{}"#, #"{"ok": true, "kind": "poem"}"#, #"{"ok": true, "kind": "tensor", "type": "float64", "shape": [2]}"#,
        #"{"ok": true, "kind": "tensor", "type": "quaternion", "shape": [0]}"#,
        #"{"ok": true, "kind": "tensor", "type": "float64", "shape": [-1]}"#,
    ])
    func refusesAnAnswerThatMakesNoSense(header: String) throws {
        let frame = WorkerFrame(header: try JSON.parse(header), values: ByteBuffer(integer: UInt64(0)))
        #expect(throws: RuntimeError.self) { try WorkerAnswer(frame) }
    }

    @Test func cutsLinesWithoutHoldingEndlessOnes() {
        var splitter = LineSplitter(maximumBytes: 5)
        #expect(splitter.split("one\n\ntw".utf8) == ["one"])
        #expect(splitter.split("o\nabcdefg".utf8) == ["two", "abcde"])
        #expect(splitter.split("\n".utf8) == ["fg"])
    }
}
