import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Whatever way rows are spread over servers, groups, minutes and restarts, what is kept of them in the end is what one pass
/// over all of them keeps.
@Suite struct WindowMergeTests {
    private static let anchors = WindowAnchors(
        inputs: [
            "age": ColumnAnchors(reference: (0..<300).map { .number(Double($0) / 3) }),
            "ward": ColumnAnchors(reference: ["north", "south"].map { .text($0) }),
            "score": ColumnAnchors(reference: (0..<50).map { .number(Double($0 % 5)) }),
        ], outputs: ["prediction": ColumnAnchors(reference: (0..<100).map { .number(Double($0) / 100) })])

    /// A server's counter over a store that survives it.
    private struct Server {
        var stored: [WindowKey: [UInt8]] = [:]
        var counter: WindowCounter
        let name: String

        init(_ name: String) {
            self.name = name
            counter = Self.counter(name)
        }

        private static func counter(_ name: String) -> WindowCounter {
            var counter = WindowCounter(source: name, position: nil)
            let plan = WindowPlan(
                monitor: "m", endpoint: "e", window: .minutes(5),
                segments: [.values(column: "ward", limit: 20)])
            counter.take(.init(plan, WindowCutter(size: plan.window)))
            for version in 1...2 {
                let book = ColumnBook(
                    reference: anchors, baselines: WindowAnchors(), at: Timestamp(milliseconds: 0))
                counter.open(book, of: .init(monitor: "m", model: "clinic", version: version))
            }
            return counter
        }

        mutating func take(_ predictions: [Prediction]) throws {
            let table = RowTable(predictions)
            let placement = counter.place(predictions[...], table)
            let missing = counter.missing(placement)
            counter.insert(try records(missing), for: missing)
            counter.count(
                predictions[...], table, placement, upTo: JournalPosition(segment: 1, offset: 0))
        }

        mutating func flush() {
            let taken = counter.takeFlush()
            for (key, record) in taken.flush.records { stored[key] = record.bytes }
            counter.stored(taken, gone: [])
        }

        mutating func restart() {
            flush()
            counter = Self.counter(name)
        }

        func records(_ keys: some Sequence<WindowKey>) throws -> [WindowKey: WindowRecord] {
            let known = (Array(anchors.inputs.values) + Array(anchors.outputs.values)).map(FixedAnchors.init)
            var found: [WindowKey: WindowRecord] = [:]
            for key in keys {
                found[key] = try stored[key].map { bytes in
                    try WindowRecord(bytes: bytes) { id in known.first { $0.id == id } }
                }
            }
            return found
        }
    }

    private static func request(_ numbers: inout SeededNumbers, at time: Timestamp) throws -> [Prediction] {
        let high = String(time.milliseconds, radix: 16)
        let low = String(UInt64.max / 2 + numbers.next() / 2, radix: 16)
        let id = String(repeating: "0", count: 12 - high.count) + high + "0000" + low
        let rows = 1 + Int(numbers.uniform() * 3)
        let latency = numbers.uniform() < 0.1 ? -1 : Int64(1_000 * (1 + 50 * numbers.uniform()))
        let caller = ["ann", "bob", "eve"][Int(numbers.uniform() * 3)]
        let version = numbers.uniform() < 0.3 ? 2 : 1
        let isKept = numbers.uniform() < 0.9
        let masked = numbers.uniform() < 0.2 ? ["age"] : []
        return try (0..<rows).map { row in
            Prediction(
                id: PredictionID(request: id, row: rows > 1 ? row : nil), endpoint: "e", variant: "v", model: "clinic",
                version: version, inputs: isKept ? try JSONText(inputs(&numbers)) : .null,
                output: isKept ? JSONText(.double(numbers.uniform())) : .null, latencyUs: latency, caller: caller,
                masked: masked, isKept: isKept)
        }
    }

    private static func inputs(_ numbers: inout SeededNumbers) -> String {
        let ages = ["\(100 * numbers.uniform())", "null", "\"NaN\"", "\"old\"", "\(-5 * numbers.uniform())"]
        let age = ages[numbers.uniform() < 0.8 ? 0 : Int(numbers.uniform() * 5)]
        let wards = ["\"north\"", "\"south\"", "\"e\\u0061st\"", "true", "{\"a\":[1]}"]
        let ward = wards[Int(numbers.uniform() * 5)]
        let members = ["\"age\":\(age)", "\"ward\":\(ward)", "\"score\":\(Int(numbers.uniform() * 7))"]
        let shown = numbers.uniform() < 0.2 ? members.reversed() : members
        return "{\(shown.dropLast(numbers.uniform() < 0.1 ? 1 : 0).joined(separator: ","))}"
    }

    @Test(arguments: 1...4) func mergedRecordsAreThoseOfOnePass(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var servers = (0..<3).map { Server("s\($0)") }
        var all: [Prediction] = []
        for _ in 0..<150 {
            let server = Int(numbers.uniform() * 3)
            var group: [Prediction] = []
            for _ in 0..<Int(1 + numbers.uniform() * 8) {
                let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(numbers.uniform() * 1_200_000))
                group += try Self.request(&numbers, at: time)
            }
            all += group
            try servers[server].take(group)
            if numbers.uniform() < 0.3 { servers[server].flush() }
            if numbers.uniform() < 0.1 { servers[server].restart() }
        }
        var single = Server("one")
        try single.take(all)
        for index in servers.indices { servers[index].flush() }
        single.flush()
        let expected = try merged([single])
        let found = try merged(servers.shuffled())
        #expect(Set(found.keys) == Set(expected.keys))
        for (slice, record) in expected {
            let other = try #require(found[slice])
            #expect(other.rows == record.rows)
            #expect(other.keptRows == record.keptRows)
            #expect(other.times == record.times)
            #expect(other.calls == record.calls)
            #expect(other.latency == record.latency)
            // Said apart, lest a failure print all rows.
            let hasSameSample = other.sample == record.sample
            #expect(hasSameSample, "\(slice.words)")
            #expect(other.sample.rows.count == record.sample.rows.count)
            #expect(record.sample.rows.isEmpty == (slice.segment != nil))
            #expect(other.uniqueness == record.uniqueness)
            #expect(other.widths == record.widths)
            for (columns, others) in [(record.inputs, other.inputs), (record.outputs, other.outputs)] {
                #expect(Set(columns.names) == Set(others.names))
                for (name, column) in columns { #expect(others[name] == column, "\(slice.words) \(name)") }
            }
        }
        // Who called and how quickly is read without the columns, whose anchors nobody knows here, and adds up to the same.
        var calls: [TrafficSlice: WindowRecord] = [:]
        for (key, bytes) in servers.flatMap(\.stored) {
            calls[key.slice, default: WindowRecord()].merge(try WindowRecord(bytes: bytes, .calls) { _ in nil })
        }
        for (slice, record) in expected {
            let other = try #require(calls[slice])
            #expect(other.rows == record.rows && other.times == record.times && other.calls == record.calls)
            #expect(other.latency == record.latency && other.inputs.isEmpty && other.outputs.isEmpty)
        }
        #expect(expected.values.contains { $0.requests > 20 })
        #expect(expected.values.contains { $0.sample.entries.count == PredictionSample.limit })
    }

    private func merged(_ servers: [Server]) throws -> [TrafficSlice: WindowRecord] {
        var merged: [TrafficSlice: WindowRecord] = [:]
        for server in servers {
            for (key, record) in try server.records(server.stored.keys) {
                merged[key.slice, default: WindowRecord()].merge(record)
            }
        }
        return merged
    }
}
