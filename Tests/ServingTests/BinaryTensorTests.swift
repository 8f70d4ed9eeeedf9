import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct BinaryTensorTests {
    /// Sends JSON with raw data behind it.
    private static func infer(
        _ model: String, _ json: JSON?, _ data: ByteBuffer, _ server: LiveServer, length: String? = nil
    ) async throws -> LiveServer.Answer {
        var request = HTTPClientRequest(url: "\(server.url)/v2/models/\(model)/infer")
        request.method = .POST
        var body = ByteBuffer(bytes: json?.bytes() ?? [])
        request.headers.add(name: "Content-Type", value: "application/octet-stream")
        request.headers.add(name: "Inference-Header-Content-Length", value: length ?? "\(body.readableBytes)")
        var data = data
        body.writeBuffer(&data)
        request.body = .bytes(body)
        return try await server.send(request)
    }

    private static func raw(_ rows: [[JSON]], _ write: (inout ByteBuffer, Double) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        for cell in rows.flatMap(\.self) { write(&buffer, cell.doubleValue ?? 0) }
        return buffer
    }

    private static func input(_ datatype: String, _ shape: [Int], bytes: Int, name: String = "input-0") -> JSON {
        [
            "name": .string(name), "datatype": .string(datatype),
            "shape": .array(shape.map { .integer(Int64($0)) }),
            "parameters": ["binary_data_size": .integer(Int64(bytes))],
        ]
    }

    @Test func takesAndGivesRawTensors() async throws {
        try await ServingFixture.serving("booster", "matrix") { fixture, server in
            for name in ["booster", "matrix"] {
                let known = try KnownRows(fixture, name)
                let data = Self.raw(known.rows) { $0.writeInteger($1.bitPattern, endianness: .little) }
                let input = Self.input("FP64", [40, 30], bytes: data.readableBytes)
                let answer = try await Self.infer(
                    name, ["inputs": [input], "parameters": ["binary_data_output": true]], data, server)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.header("Content-Type") == "application/octet-stream")
                var body = answer.body
                let length = try #require(answer.header("Inference-Header-Content-Length").flatMap { Int($0) })
                let head = body.readSlice(length: length)
                let json = try JSON.parse(try #require(head).readableBytesView)
                let output = json["outputs"]?.arrayValue?.first
                #expect(output?["parameters"] == ["binary_data_size": 320])
                #expect(output?["data"] == nil)
                #expect(output?["shape"] == [40])
                let values = (0..<40).compactMap { _ in
                    body.readInteger(endianness: .little, as: UInt64.self).map { JSON.double(Double(bitPattern: $0)) }
                }
                #expect(.array(values) == known.predictions)
                #expect(body.readableBytes == 0)
            }
        }
    }

    @Test func widensNarrowNumbers() async throws {
        try await ServingFixture.serving("matrix") { fixture, server in
            let rows = [[JSON]](repeating: (1...30).map { .integer($0) }, count: 2)
            let expected = try await server.post(
                "/v2/models/matrix/infer",
                json: [
                    "inputs": [
                        ["name": "x", "datatype": "FP64", "shape": [2, 30], "data": .array(rows.flatMap(\.self))]
                    ]
                ]
            ).json["outputs"]
            let forms: [(String, (inout ByteBuffer, Double) -> Void)] = [
                ("FP16", { $0.writeInteger(Float16($1).bitPattern, endianness: .little) }),
                ("BF16", { $0.writeInteger(UInt16(Float($1).bitPattern >> 16), endianness: .little) }),
                ("FP32", { $0.writeInteger(Float($1).bitPattern, endianness: .little) }),
                ("UINT8", { $0.writeInteger(UInt8($1)) }), ("INT8", { $0.writeInteger(Int8($1)) }),
                ("UINT16", { $0.writeInteger(UInt16($1), endianness: .little) }),
                ("INT16", { $0.writeInteger(Int16($1), endianness: .little) }),
                ("INT32", { $0.writeInteger(Int32($1), endianness: .little) }),
                ("UINT32", { $0.writeInteger(UInt32($1), endianness: .little) }),
                ("INT64", { $0.writeInteger(Int64($1), endianness: .little) }),
                ("UINT64", { $0.writeInteger(UInt64($1), endianness: .little) }),
            ]
            for (datatype, write) in forms {
                let data = Self.raw(rows, write)
                let input = Self.input(datatype, [2, 30], bytes: data.readableBytes)
                let answer = try await Self.infer("matrix", ["inputs": [input]], data, server)
                #expect(try answer.json["outputs"] == expected, "\(datatype): \(answer.text)")
            }
        }
    }

    @Test func takesTextsAndABodyWithoutJSON() async throws {
        try await ServingFixture.serving("obedient", "matrix") { fixture, server in
            var texts = ByteBuffer()
            for text in ["hello", "", "zürich"] {
                texts.writeInteger(UInt32(text.utf8.count), endianness: .little)
                texts.writeString(text)
            }
            let input = Self.input("BYTES", [3], bytes: texts.readableBytes, name: "command")
            let output: JSON = ["name": "output-0", "parameters": ["binary_data": true]]
            let answer = try await Self.infer("obedient", ["inputs": [input], "outputs": [output]], texts, server)
            #expect(answer.text.hasSuffix("\u{5}\0\0\0HELLO\0\0\0\0\u{7}\0\0\0ZÜRICH"), "\(answer.text)")
            let alone = try await Self.infer("obedient", nil, ByteBuffer(string: "hello"), server)
            #expect(alone.text.hasSuffix("\u{5}\0\0\0HELLO"), "\(alone.text)")

            let known = try KnownRows(fixture, "matrix", count: 1)
            let data = Self.raw(known.rows) { $0.writeInteger($1.bitPattern, endianness: .little) }
            let row = try await Self.infer("matrix", nil, data, server)
            #expect(row.status == 200, "\(row.text)")
            var tail = row.body.getSlice(at: row.body.writerIndex - 8, length: 8)
            let bits = tail?.readInteger(endianness: .little, as: UInt64.self)
            #expect(bits.map { [.double(Double(bitPattern: $0))] } == known.predictions.arrayValue)
        }
    }

    @Test func givesWhatIsAskedFor() async throws {
        try await ServingFixture.serving("pipeline", "obedient") { fixture, server in
            let known = try KnownRows(fixture, "pipeline", count: 2)
            let inputs = JSON.array(
                known.byColumn.map { ["name": .string($0), "datatype": "FP64", "shape": [2], "data": $1] })
            let top = try await server.post(
                "/v2/models/pipeline/infer",
                json: [
                    "inputs": inputs, "outputs": [["name": "output-0", "parameters": ["classification": 1]]],
                ])
            let output = try top.json["outputs"]?.arrayValue?.first
            #expect(output?["datatype"] == "BYTES")
            #expect(output?["shape"] == [2, 1])
            let rows = known.predictions.arrayValue?.compactMap(\.arrayValue) ?? []
            let expected = rows.map { row -> String in
                let scores = row.compactMap(\.doubleValue)
                let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
                return "\(scores[best]):\(best)"
            }
            #expect(output?["data"] == .strings(expected))

            let frame: JSON = ["name": "command", "datatype": "BYTES", "shape": [1], "data": ["frame"]]
            let score = try await server.post(
                "/v2/models/obedient/infer", json: ["inputs": [frame], "outputs": [["name": "score"]]])
            #expect(
                try score.json["outputs"]
                    == [["name": "score", "datatype": "FP64", "shape": [2], "data": [0.5, nil]]])
            let other = try await server.post(
                "/v2/models/obedient/infer", json: ["inputs": [frame], "outputs": [["name": "loss"]]])
            #expect(other.status == 400)
            #expect(
                try other.json["error"]?.stringValue?.contains("no output 'loss'.\nIt gives 'label', 'score'") == true)
        }
    }

    @Test func saysWhatIsWrongWithTheData() async throws {
        try await ServingFixture.serving("matrix", "obedient") { _, server in
            let data = ByteBuffer(repeating: 0, count: 240)
            let faults: [(String, JSON?, ByteBuffer, String?, String)] = [
                ("matrix", ["inputs": [Self.input("FP64", [1, 30], bytes: 248)]], data, nil, "240 bytes left"),
                ("matrix", ["inputs": [Self.input("FP64", [1, 30], bytes: 232)]], data, nil, "232 bytes of data"),
                ("matrix", ["inputs": [Self.input("FP64", [1, 30], bytes: -1)]], data, nil, "of -1"),
                ("matrix", ["inputs": [Self.input("FP64", [1, 29], bytes: 232)]], data, nil, "8 bytes that no input"),
                (
                    "matrix", ["inputs": [Self.input("FP64", [9_223_372_036_854_775_807, 4], bytes: 240)]], data, nil,
                    "240"
                ),
                ("matrix", [:], data, "100000", "is '100000'"), ("matrix", [:], data, "-3", "'-3'"),
                ("matrix", nil, ByteBuffer(repeating: 0, count: 7), nil, "7 bytes"),
                (
                    "obedient", ["inputs": [Self.input("BYTES", [1], bytes: 240, name: "command")]], data, nil,
                    "60 values"
                ),
                (
                    "obedient", ["inputs": [Self.input("BYTES", [1], bytes: 5, name: "command")]],
                    ByteBuffer(bytes: [1, 0, 0, 0, 255]), nil, "UTF-8"
                ),
            ]
            for (model, json, data, length, words) in faults {
                let answer = try await Self.infer(model, json, data, server, length: length)
                #expect(answer.status == 400, "\(words): \(answer.text)")
                #expect(try answer.json["error"]?.stringValue?.contains(words) == true, "\(words): \(answer.text)")
            }
            let unannounced = try await server.post(
                "/v2/models/matrix/infer", json: ["inputs": [Self.input("FP64", [1, 30], bytes: 240)]])
            #expect(try unannounced.json["error"]?.stringValue?.contains("Inference-Header-Content-Length") == true)
        }
    }
}
