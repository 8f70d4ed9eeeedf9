import Predictions
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// No bytes from outside, however chosen, do more than be refused. Those of profiles are `ProfileBytesTests`.
@Suite struct ParserFuzzTests {
    @Test(arguments: [UInt64(1), 2]) func damagedLinesOfPredictionsAreRefusedOrRead(seed: UInt64) {
        let lines = [
            #"{"prediction_id": "a-1", "endpoint": "fraud", "time": 1795248000000, "inputs": {"x": 1.5e3}, "output": 0.07}"#,
            #"{"endpoint":"fraud","time":"2026-11-21T08:00:00.5+01:00","inputs":{"a":[1,null]},"output":{"p":NaN},"version":3}"#,
            #"{"endpoint": "ü\u00e9\ud83d\ude00", "output": "\"", "unit": "c", "label": [0], "label_time": 1, "latency_ms": 2}"#,
        ].map { Array($0.utf8) }
        var numbers = SeededNumbers(seed: seed)
        var read = 0
        for round in 0..<1_500 {
            let bytes = numbers.damaged(lines[round % lines.count], alphabet: "{}[]\",:.-+eEu0159ntfIN\\ ")
            do {
                let sent = try SentPrediction(line: bytes, endpoint: nil)
                read += 1
                #expect(!sent.endpoint.isEmpty && sent.output != .null)
            } catch let refused as RefusedLine {
                #expect(!refused.reason.isEmpty)
            } catch {
                Issue.record("\(error) is no refusal of \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(read > 0, "Else nothing but refusals was tried.")
    }

    @Test func damagedLabelsAreRefusedOrRead() {
        let labels = [
            #"{"prediction_id": "p-019a7c1e-0000-7000-8000-000000000000.3", "value": 1, "time": "2026-11-21T08:00:00Z"}"#,
            #"{"unit": "c-1", "endpoint": "a", "at": 1795248000000, "which": "all", "within_minutes": 60, "value": {"a": 1}}"#,
        ].map { Array($0.utf8) }
        var numbers = SeededNumbers(seed: 3)
        let now = Timestamp(milliseconds: 1_795_248_000_000)
        for round in 0..<1_500 {
            let bytes = numbers.damaged(labels[round % labels.count], alphabet: "{}\",:.-0159pTZ ")
            guard let json = try? JSON.parse(String(decoding: bytes, as: UTF8.self)) else { continue }
            do {
                let fields = try Fields(json)
                _ = try PredictionSubject(fields, at: "labels[0]", time: now).words
                _ = try fields.pastMoment("time", at: "labels[0]", now: now)
            } catch let problem as any Problem {
                #expect(problem.code.status == 400)
            } catch {
                Issue.record("\(error) is no refusal of \(json.text)")
            }
        }
    }

    @Test func damagedRecordsAreRefusedOrRead() throws {
        let anchors = FixedAnchors(ColumnAnchors(reference: (0..<100).map { .number(Double($0)) }))
        var record = WindowRecord()
        for row in 0..<60 {
            record.rows += 1
            record.keptRows += 1
            record.inputs.change(at: record.inputs.place(of: "x", orAdd: ColumnRecord(anchors: anchors))) {
                $0.add(.number(Double(row) * 1.5))
            }
            record.outputs.change(at: record.outputs.place(of: "y", orAdd: ColumnRecord(anchors: nil))) {
                $0.add(row % 7 == 0 ? .missing : .text("name \(row)"))
            }
            record.calls.add(.init(requests: 1, rows: 1), of: "ann")
            record.latency.add(requestMs: Double(row), requestRows: 1, rows: 1)
        }
        (record.firstTime, record.lastTime) = (Timestamp(milliseconds: 1), Timestamp(milliseconds: 60))
        let bytes = record.bytes
        func read(_ bytes: [UInt8]) throws -> WindowRecord {
            try WindowRecord(bytes: bytes) { $0 == anchors.id ? anchors : nil }
        }
        #expect(try read(bytes) == record)
        for end in bytes.indices { #expect(throws: ProfileProblem.self) { try read(Array(bytes[..<end])) } }
        var numbers = SeededNumbers(seed: 5)
        for _ in 0..<1_000 {
            let damaged = numbers.damaged(bytes, alphabet: "\u{1}\u{2}\u{3c}")
            do {
                let found = try read(damaged)
                // What is read can be counted with and shown.
                _ = found.inputs.columns.map { found.profile($0).map { ColumnDrift(reference: $0, window: $0) } }
                _ = found.outputs.columns.map { found.profile($0)?.summary.text }
            } catch is ProfileProblem {
            } catch {
                Issue.record("\(error) is no refusal")
            }
        }
    }

    @Test func damagedConditionsAreRefusedOrHold() {
        let conditions = [
            "age >= 65 AND country IN ('DE', 'AT') OR NOT (\"two words\" = -1.5e3)",
            "email IS NOT NULL AND a NOT IN (1, 'x')",
        ].map { Array($0.utf8) }
        var numbers = SeededNumbers(seed: 6)
        for round in 0..<1_500 {
            let bytes = numbers.damaged(conditions[round % conditions.count], alphabet: "()'\",<>=!ANDORI 019.-e")
            let text = String(decoding: bytes, as: UTF8.self)
            guard let condition = try? SegmentCondition(text) else { continue }
            _ = condition.holds { $0 == "age" ? .number(.nan) : .text($0) }
        }
        // As deep as it pleases.
        let deep = String(repeating: "(", count: 50_000) + "a = 1" + String(repeating: ")", count: 50_000)
        #expect(throws: SegmentSyntaxProblem.self) { try SegmentCondition(deep) }
        let not = String(repeating: "NOT ", count: 50_000) + "a = 1"
        #expect(throws: SegmentSyntaxProblem.self) { try SegmentCondition(not) }
    }
}
