import NIOCore
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Serving

/// Two ways read a body: straight into columns, and through the tree of JSON. What the first one reads is what the second
/// one does, and what it does not read is left to the second.
@Suite struct PlainRowsTests {
    private static let columns = [
        ColumnSpec(name: "age", type: .double), ColumnSpec(name: "visits", type: .long),
        ColumnSpec(name: "score", type: .float), ColumnSpec(name: "children", type: .integer),
        ColumnSpec(name: "plan", type: .string), ColumnSpec(name: "is_new", type: .boolean),
    ]

    private static let numbers = ["a", "b", "c"].map { ColumnSpec(name: $0, type: .double) }

    private static func signature(_ columns: [ColumnSpec]) throws -> ModelSignature {
        let parts = columns.map { column -> JSON in
            ["type": .string(column.type.rawValue), "name": .string(column.name ?? ""), "required": true]
        }
        return try #require(
            try ModelSignature(json: ["inputs": .string(JSON.array(parts).text)], isTypedByHints: false))
    }

    @Test(arguments: [
        #"{"dataframe_split":{"columns":["a","b","c"],"data":[[1,2.5,null],[-0.0,1e400,NaN]]}}"#,
        #" { "dataframe_split" : { "index":[0,"x"], "columns":["c","a","customer","b"],"data":[[1,2,"x",3]]}}"#,
        #"{"dataframe_records":[{"a":1,"b":2,"c":3},{"a":4,"b":5,"c":6}]}"#,
        #"{"instances":[{"c":1,"x":true,"b":2,"a":3}]}"#, #"{"inputs":{"a":[1,2],"c":[3,4],"b":[5,6]}}"#,
        #"{"inputs":[{"a":0.1,"b":123456789012345678901234567890,"c":1.7976931348623157e308}]}"#,
    ])
    func plainBodiesAreReadWithoutATree(body: String) throws {
        let rows = try #require(PlainRows.invocation(body.utf8, columns: Self.numbers))
        let request = try InvocationMessages.request(
            json: try JSON.parse(body), signature: try Self.signature(Self.numbers))
        let table = try request.table
        #expect("\(rows.batch.columns)" == "\(table.columns)")
    }

    @Test(arguments: [
        #"{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP64","data":[1,2,3,4.5,null,6]}],"id":"7"}"#,
        #"{"inputs":[{"name":"b","shape":[2],"datatype":"INT32","data":[1,2]},"#
            + #"{"name":"a","shape":[2,1],"datatype":"FP32","data":[1.5,2]},"#
            + #"{"name":"c","shape":[2],"datatype":"INT64","data":[1,9007199254740993]}]}"#,
    ])
    func plainTensorsAreReadWithoutATree(body: String) throws {
        let rows = try #require(PlainRows.inference(body.utf8, columns: Self.numbers))
        let sent = try InferenceRequest(json: try JSON.parse(body))
        let table = try sent.request(for: Self.signature(Self.numbers)).table
        #expect("\(rows.batch.columns)" == "\(table.columns)")
        #expect(rows.id == sent.id)
    }

    @Test(arguments: [
        (#"{"dataframe_split":{"columns":["id","a"],"data":[["x",1],["x",2]]}}"#, JSON.string("x"), true),
        (#"{"dataframe_split":{"columns":["a","id"],"data":[[1,7],[2,8]]}}"#, 7, false),
        (#"{"dataframe_records":[{"id":null}]}"#, .null, true), (#"{"inputs":{"a":[1],"id":[2.5]}}"#, 2.5, true),
        (#"{"instances":[{"a":1,"id":"x"},{"a":1,"id":"y"},{"a":1,"id":"x"}]}"#, "x", false),
    ])
    func findsTheValueUnderAKeyWhetherOrNotTheModelTakesIt(body: String, first: JSON, isShared: Bool) throws {
        for columns in [[], [ColumnSpec(name: "a", type: .double)], [ColumnSpec(name: "id", type: .string)]] {
            guard let rows = PlainRows.invocation(body.utf8, columns: columns, key: "id") else { continue }
            #expect(rows.key == PlainRows.KeyValue(first: first, isShared: isShared))
        }
        let alone = try #require(PlainRows.invocation(body.utf8, columns: [], key: "id"))
        #expect(alone.key == PlainRows.KeyValue(first: first, isShared: isShared))
        #expect(PlainRows.invocation(body.utf8, columns: [], key: "other")?.key == nil)
    }

    /// Random bodies, whole and damaged, by both ways.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func whatIsReadIsWhatTheTreeSays(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        var plain = 0
        let signatures = [
            (Self.columns, try Self.signature(Self.columns)), (Self.numbers, try Self.signature(Self.numbers)),
        ]
        for round in 0..<1_500 {
            let (columns, signature) = signatures[round % 2]
            let isInference = round % 3 == 0
            var body = isInference ? random.tensors(columns) : random.invocation(columns)
            if random.chance(0.3) { body = random.damaged(body) }
            let bytes = Array(body.utf8)
            let rows =
                isInference
                ? PlainRows.inference(bytes, columns: columns) : PlainRows.invocation(bytes, columns: columns)
            guard let rows else { continue }
            plain += 1
            let json = try JSON.parse(bytes)
            let table =
                isInference
                ? try InferenceRequest(json: json).request(for: signature).table
                : try InvocationMessages.request(json: json, signature: signature).table
            #expect("\(rows.batch.columns)" == "\(table.columns)", "\(body)")
        }
        #expect(plain > 300, "too few bodies were read to prove anything")
    }
}

extension PredictionRequest {
    fileprivate var table: Batch {
        get throws {
            guard case .table(let batch) = input else { throw CancellationError() }
            return batch
        }
    }
}

// MARK: Random bodies

extension SeededNumbers {
    fileprivate mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }

    /// Nearly always right for the type.
    private mutating func cell(_ type: ColumnType) -> String {
        if chance(0.03) {
            return pick([
                "null", "true", "\"1.5\"", "\"x\"", "NaN", "-Infinity", "1.0", "0", "[1]", "{}", "01", "1e",
                "\"\\u0061\"",
                "9223372036854775808", "-9223372036854775808", "3000000000",
            ])
        }
        switch type {
        case .double, .float:
            return pick([
                "\(normal())", "\(Int.random(in: -9...9, using: &self))", "\(Double(bitPattern: next() >> 2))", "0.1",
                "1E-7", "-0.0", "123456789.123456789123456789", "4.9e-324",
            ])
        case .long: return "\(Int64(truncatingIfNeeded: next()))"
        case .integer: return "\(Int32(truncatingIfNeeded: next()))"
        case .string: return pick(["\"a\"", "\"é\"", "\"\"", "\"a\\nb\"", "\"a longer text than fits in a word\""])
        case .boolean: return pick(["true", "false", "1", "\"True\""])
        }
    }

    private mutating func names(_ columns: [ColumnSpec]) -> [(name: String, type: ColumnType)] {
        var names = columns.map { (name: $0.name ?? "", type: $0.type) }
        if chance(0.3) { names.append(("extra", .string)) }
        if chance(0.05) { names.append(pick(names)) }
        if chance(0.05) { names.removeLast() }
        if chance(0.4) { names.shuffle(using: &self) }
        return names
    }

    fileprivate mutating func invocation(_ columns: [ColumnSpec]) -> String {
        let names = names(columns)
        let rows = (0..<Int.random(in: 0...3, using: &self)).map { _ in
            names.map { cell($0.type) }
        }
        let space = pick(["", "", " ", "\n "])
        let form = pick(["dataframe_records", "instances", "inputs"])
        switch pick(["split", "records", "columns"]) {
        case "split":
            let heading = names.map { "\"\($0.name)\"" }.joined(separator: ",\(space)")
            let data = rows.map { "[\($0.joined(separator: ",\(space)"))]" }.joined(separator: ",")
            var members = ["\"columns\":[\(heading)]", "\"data\":\(space)[\(data)]"]
            if chance(0.3) { members.insert("\"index\":[0,\"b\"]", at: Int.random(in: 0...2, using: &self)) }
            if chance(0.1) { members.reverse() }
            return "{\(space)\"dataframe_split\":{\(members.joined(separator: ","))}\(space)}"
        case "records":
            let records = rows.map { row in
                var members = zip(names, row).map { "\"\($0.name)\":\(space)\($1)" }
                if chance(0.05) { members.shuffle(using: &self) }
                return "{\(members.joined(separator: ","))}"
            }
            return "{\"\(form)\":[\(records.joined(separator: ","))]\(chance(0.1) ? ",\"params\":{}" : "")}"
        default:
            let members = names.indices.map { index in
                "\"\(names[index].name)\":[\(rows.map { $0[index] }.joined(separator: ","))]"
            }
            return "{\"inputs\":{\(members.joined(separator: ","))}}"
        }
    }

    fileprivate mutating func tensors(_ columns: [ColumnSpec]) -> String {
        let datatype = pick(["FP64", "FP64", "FP32", "INT64", "INT32", "BYTES", "BOOL"])
        let types: [String: ColumnType] = ["INT64": .long, "INT32": .integer, "BYTES": .string, "BOOL": .boolean]
        let type = types[datatype] ?? .double
        let rows = Int.random(in: 0...3, using: &self)
        func members(_ name: String, _ shape: String, _ data: [String]) -> String {
            let members = [
                "\"name\":\"\(name)\"", "\"shape\":\(shape)", "\"datatype\":\"\(datatype)\"",
                "\"data\":[\(data.joined(separator: ","))]",
            ]
            return "{\(members.joined(separator: ","))}"
        }
        let inputs: [String]
        if chance(0.5) {
            let data = (0..<rows * columns.count).map { _ in cell(type) }
            inputs = [members("x", "[\(rows),\(columns.count)]", data)]
        } else {
            inputs = names(columns).map { column in
                members(column.name, pick(["[\(rows)]", "[\(rows),1]"]), (0..<rows).map { _ in cell(type) })
            }
        }
        return "{\(chance(0.3) ? "\"id\":\"x\"," : "")\"inputs\":[\(inputs.joined(separator: ","))]}"
    }

    /// With a byte or two changed, lost or doubled.
    fileprivate mutating func damaged(_ body: String) -> String {
        var bytes = Array(body.utf8)
        for _ in 0..<Int.random(in: 1...2, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &self)
            switch pick([0, 1, 2]) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(bytes[index], at: index)
            default: bytes[index] = UInt8(ascii: pick(["{", "}", "[", "]", ",", ":", "\"", "1", "e", " ", "-"]))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
