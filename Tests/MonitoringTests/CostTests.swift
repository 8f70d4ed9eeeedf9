import Database
import Foundation
import Incidents
import Predictions
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite(.everyEngine) struct CostTests {
    private static func reading(_ seconds: Int64, cpuMs: Int64, megabytes: Int64, rows: Int64) -> ResourceReading {
        var reading = ResourceReading(time: Timestamp(milliseconds: seconds * 1000))
        reading.processes[7] = (.server, .init(cpuMs: cpuMs, memoryBytes: megabytes << 20))
        reading.rows = rows
        reading.receivedBytes = seconds * 1000
        return reading
    }

    @Test func countsWhatWasTakenBetweenTwoLooks() throws {
        var later = Self.reading(20, cpuMs: 5000, megabytes: 512, rows: 90)
        later.processes[8] = (.model("churn", version: 3), .init(cpuMs: 700, memoryBytes: 64 << 20))
        later.processes[9] = (.model("churn", version: 3), .init(cpuMs: 300, memoryBytes: 64 << 20, gpuBytes: 1 << 20))
        let used = later.used(since: Self.reading(10, cpuMs: 1000, megabytes: 512, rows: 40))
        let server = try #require(used[.server])
        #expect(server.cpuMs == 4000)
        #expect(server.cores == 0.4)
        #expect(server.rows == 50)
        #expect(server.receivedBytes == 10_000)
        let mean = try #require(server.memoryMeanBytes)
        #expect(mean == 536_870_912)
        let workers = try #require(used[.model("churn", version: 3)])
        #expect(workers.cpuMs == 1000)
        #expect(workers.memoryMaxBytes == 128 << 20)
        #expect(workers.gpuMaxBytes == 1 << 20)
    }

    @Test func mergesToWhatOneRecordWouldBe() async throws {
        let readings = (0..<10).map { Self.reading($0 * 5, cpuMs: $0 * $0 * 100, megabytes: 100 + $0, rows: $0 * 3) }
        var merged = CostRecord()
        for (before, after) in zip(readings, readings.dropFirst()) {
            merged.merge(after.used(since: before)[.server] ?? CostRecord())
        }
        #expect(merged.cpuMs == 8100)
        #expect(merged.rows == 27)
        #expect(merged.coveredMs == 45_000)
        #expect(merged.memoryMaxBytes == 109 << 20)
    }

    @Test func keepsMinutesAndMakesHoursOfOldOnes() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(CostSchema.migrations)
        let store = CostStore(database: database)
        var record = CostRecord()
        record.cpuMs = 10
        record.memoryMaxBytes = 5
        record.coveredMs = 60_000
        let start: Int64 = 1_795_248_000_000
        for minute in 0..<90 {
            record.memoryMaxBytes = Int64(minute)
            let moment = Timestamp(milliseconds: start + Int64(minute) * 60_000)
            for _ in 0..<2 {
                try await store.add(
                    [.server: record, .model("churn", version: 2): record],
                    disk: .init(usedBytes: Int64(minute), totalBytes: 1000), at: moment, source: "a")
            }
        }
        let (from, to) = (Timestamp(milliseconds: start), Timestamp(milliseconds: start + 86_400_000))
        let before = try await store.records(from: from, to: to)
        #expect(before[.server]?.cpuMs == 1800)
        #expect(before[.server]?.memoryMaxBytes == 89)
        try await store.rollUp(at: Timestamp(milliseconds: start + 3 * 86_400_000))
        try await store.rollUp(at: Timestamp(milliseconds: start + 3 * 86_400_000))
        #expect(try await store.records(from: from, to: to) == before)
        let disk = try await store.disk(of: "a", since: from)
        #expect(disk.map(\.usedBytes) == [0, 10, 20, 30, 40, 50, 60, 70, 80])
        #expect(try await store.disk(of: "b", since: from).isEmpty)
        try database.close()
    }

    @Test func saysWhenTheDiskIsFull() throws {
        // A gigabyte an hour, give or take; 100 are left.
        let points = (0..<48).map { hour in
            DiskForecast.Point(
                time: Timestamp(milliseconds: Int64(hour) * 3_600_000),
                usedBytes: Int64(hour) * 1_000_000_000 + (hour.isMultiple(of: 2) ? 50_000_000 : 0),
                totalBytes: 147_000_000_000)
        }
        let forecast = try #require(DiskForecast(points))
        let days = try #require(forecast.days)
        #expect(abs(days - 100.0 / 24) < 0.05)
        let (earliest, latest) = (try #require(forecast.earliestDays), try #require(forecast.latestDays))
        #expect(earliest < days && days < latest && latest - earliest < 0.1)
        #expect(DiskForecast(Array(points.prefix(9))) == nil)
        let level = points.map { DiskForecast.Point(time: $0.time, usedBytes: 5, totalBytes: 10) }
        #expect(DiskForecast(level)?.days == nil)
        #expect(DiskForecast(level)?.words == "the disk does not fill")
    }

    private static func cost(workers: Bool, rows: WindowCost.Rows? = nil) -> WindowCost {
        var record = CostRecord()
        record.cpuMs = 1_800_000
        record.memoryKiBMs = 2 * 1_048_576 * 3_600_000
        record.memoryMaxBytes = 3 << 30
        record.coveredMs = 3_600_000
        var server = record
        server.rows = 10_000
        return WindowCost(workers: workers ? record : nil, server: server, disk: nil, rows: rows)
    }

    @Test func variantsThatShareAMinuteShareWhatItTook() throws {
        var rule = CostRule()
        rule.cpuHour = 0.04
        rule.gbHour = 0.01
        rule.maximumCores = 4
        // A window of 500 of the 1,000 rows of its variant, and another variant with 3,000 of the same version.
        let rows = WindowCost.Rows(lane: 1_000, version: 4_000)
        let slice = TrafficSlice(variant: "a", model: "churn", version: 3)
        let findings = CostFamily.findings(of: Self.cost(workers: true, rows: rows), rows: 500, in: slice, by: rule)
        let price = try #require(findings.first { $0.code == "cost_per_thousand" })
        // An eighth of the workers' 0.04, and of the server's the part of its 10,000 rows.
        let expected = 2 * (0.04 / 8 + 0.04 / 20)
        let value = try #require(price.value)
        #expect(abs(value - expected) < 1e-12)
        #expect(price.slice == slice)
        let cores = try #require(findings.first { $0.code == "cores" })
        #expect(cores.value == 0.5 / 4)
        let other = WindowCost.Rows(lane: 3_000, version: 4_000)
        #expect(Self.cost(workers: true, rows: other).cores == 0.5 * 3 / 4)
        // Of a model that runs in the server it is the share of all that the server answered.
        #expect(Self.cost(workers: false, rows: rows).cores == 0.5 / 10)
    }

    @Test func pricesAThousandPredictions() throws {
        var rule = CostRule()
        rule.cpuHour = 0.04
        rule.gbHour = 0.01
        // Half an hour of a core and two gibibyte-hours are 0.04; a quarter of the rows have a quarter of the server's.
        let one = CostFamily.findings(of: Self.cost(workers: true), rows: 2500, by: rule)
        let value = try #require(one.first?.value)
        #expect(abs(value - (0.04 + 0.01) / 2.5) < 1e-12)
        #expect(one.map(\.verdict) == [.fine])
        rule.maximumPerThousand = 0.003
        #expect(CostFamily.findings(of: Self.cost(workers: false), rows: 2500, by: rule).map(\.verdict) == [.bad])
        #expect(CostFamily.findings(of: Self.cost(workers: false), rows: 0, by: rule).map(\.verdict) == [.unknown])
    }

    @Test func holdsWhatWasTakenAgainstItsLimits() throws {
        var rule = CostRule()
        rule.maximumCores = 0.4
        rule.maximumMemoryGB = 4
        let findings = CostFamily.findings(of: Self.cost(workers: true), rows: 10, by: rule)
        #expect(findings.map(\.code) == ["cores", "memory_gb"])
        #expect(findings.map(\.verdict) == [.bad, .fine])
        #expect(findings.map(\.subject) == ["workers", "workers"])
    }

    @Test func looksAtThisProcess() async throws {
        let reader = ResourceReader(folder: "/tmp", clock: .system)
        let first = try await reader.read(.init(workers: [], rows: 0))
        var sum = 0.0
        for index in 0..<3_000_000 { sum += Double(index).squareRoot() }
        #expect(sum > 0)
        let second = try await reader.read(.init(workers: [("none", 1, [0x7FFF_FFF0])], rows: 4))
        #expect(second.disk?.totalBytes ?? 0 > 0)
        #if os(Linux)
            #expect(second.processes.count == 1)
            let id = try #require(second.processes.keys.first)
            #expect(second.processes[id]?.process.memoryBytes ?? 0 > 1 << 20)
            #expect(second.processes[id]?.process.cpuMs ?? 0 >= first.processes[id]?.process.cpuMs ?? 0)
        #endif
        #expect(second.gpu != nil || second.unavailable["gpu"] != nil)
    }

    private static func sampler(
        _ store: CostStore, _ clock: SteppedClock, rows: @escaping @Sendable () -> Int64
    ) -> CostSampler {
        CostSampler(
            reader: ResourceReader(folder: "/tmp", clock: clock.clock), store: store, source: "a", clock: clock.clock,
            logger: LiveServer.quiet
        ) { .init(workers: [], rows: rows()) }
    }

    #if os(Linux)
        @Test func whatCouldNotBeWrittenDownIsNotLost() async throws {
            let home = try await TestDatabase()
            let database = try home.open()
            try await database.migrate(CostSchema.migrations)
            let (store, clock) = (CostStore(database: database), SteppedClock())
            let start = clock.now
            let sampler = Self.sampler(store, clock) { (clock.now.milliseconds - start.milliseconds) / 1000 }
            try await sampler.look()
            clock.advance(by: 5_000)
            try await sampler.look()
            try await database.write { try $0.execute("ALTER TABLE cost_records RENAME TO hidden") }
            await #expect(throws: (any Error).self) { try await sampler.flush() }
            try await database.write { try $0.execute("ALTER TABLE hidden RENAME TO cost_records") }
            try await sampler.flush()
            #expect(try await store.records(from: start, to: clock.now)[.server]?.rows == 5)
            try database.close()
        }

        @Test func onlyWhatARuleAsksIsLookedFor() async throws {
            let home = try await TestDatabase()
            let database = try home.open()
            try await database.migrate(CostSchema.migrations)
            let (store, clock) = (CostStore(database: database), SteppedClock())
            let sampler = Self.sampler(store, clock) { 0 }
            let desk = CostDesk(store: store, sampler: sampler, clock: clock.clock)
            let start = clock.now
            try await sampler.look()
            clock.advance(by: 5_000)
            func cost(_ rule: CostRule) async throws -> WindowCost? {
                try await desk.cost(model: "churn", version: 1, from: start, to: clock.now, by: rule)
            }
            #expect(try await cost(CostRule()) == nil, "Nothing is known of the disk yet.")
            #expect(try await store.records(from: start, to: clock.now).isEmpty, "Nobody looked and wrote.")
            var rule = CostRule()
            rule.maximumCores = 2
            #expect(try await cost(rule)?.server.coveredMs == 5_000)
            clock.advance(by: 500)
            #expect(try await cost(rule)?.server.coveredMs == 5_000, "A look is enough for a second.")
            clock.advance(by: 500)
            #expect(try await cost(rule)?.server.coveredMs == 6_000)
            try database.close()
        }
    #endif

    @Test func nobodyWaitsForADriverThatHangs() async throws {
        let (answers, answer) = AsyncStream.makeStream(of: String.self)
        let clock = SteppedClock()
        let driver = GraphicsDriver(clock: clock.clock) { _ in
            for await text in answers { return text }
            return nil
        }
        var reading = Self.reading(1, cpuMs: 0, megabytes: 1, rows: 0)
        for _ in 0..<3 {
            let asked = await driver.added(to: reading)
            #expect(asked.gpu == nil && asked.unavailable["gpu"] != nil)
        }
        answer.yield("10, 80\n20, 80\n")
        answer.yield("7, 5\n9, 5\n")
        await driver.settle()
        reading = await driver.added(to: reading)
        #expect(reading.gpu == .init(usedBytes: 30 << 20, totalBytes: 160 << 20))
        #expect(reading.processes[7]?.process.gpuBytes == 5 << 20)
        // It hangs from now on.
        clock.advance(by: 60_000)
        #expect(await driver.added(to: Self.reading(61, cpuMs: 0, megabytes: 1, rows: 0)).gpu == nil)
        answer.finish()
    }

    @Test func readsWhatTheSystemSays() {
        #expect(ProcText.cpuTicks("7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0") == 150)
        #expect(ProcText.cpuTicks("7") == nil)
        #expect(ProcText.residentPages("100 42 7\n") == 42)
        let net = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
                lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
              eth0: 100 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
              eth1:20 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0
            """
        let traffic = ProcText.traffic(net)
        #expect(traffic.received == 120)
        #expect(traffic.sent == 10)
        #expect(ProcText.pairs("12, 80\n [N/A], 3\n4,5\n").map(\.0) == [12, 4])
    }
}
