package import Database
package import Wire

/// What subjects took, by minute; minutes older than two days are kept as hours, hours older than ninety days as days.
package struct CostStore: Sendable {
    private let database: Database

    package static let minuteMs: Int64 = 60_000
    private static let hourMs: Int64 = 3_600_000
    private static let dayMs: Int64 = 86_400_000
    /// All there are: the key begins with them.
    private static let spans = [minuteMs, hourMs, dayMs]

    package init(database: Database) {
        self.database = database
    }

    private static let sums: [SQL] = [
        "cpu_ms", "memory_kib_ms", "gpu_kib_ms", "received_bytes", "sent_bytes", "row_count", "covered_ms",
    ]
    private static let columns: SQL = """
        cpu_ms, memory_kib_ms, memory_max_bytes, gpu_kib_ms, gpu_max_bytes, received_bytes, sent_bytes, row_count,
        covered_ms
        """

    /// Adds what was taken in a minute to what is there of it.
    /// - Parameter source: names the server among those over the same database.
    package func add(
        _ records: [CostSubject: CostRecord], disk: ResourceReading.Disk?, at minute: Timestamp, source: String
    ) async throws {
        try await database.write { transaction in
            for (subject, record) in records.sorted(by: { $0.key.text < $1.key.text }) {
                try transaction.execute(
                    """
                    INSERT INTO cost_records (source, subject, start_at, span_ms, \(Self.columns))
                    VALUES (\(source), \(subject.text), \(minute), \(Self.minuteMs), \(record.cpuMs),
                        \(record.memoryKiBMs), \(record.memoryMaxBytes), \(record.gpuKiBMs), \(record.gpuMaxBytes),
                        \(record.receivedBytes), \(record.sentBytes), \(record.rows), \(record.coveredMs))
                    ON CONFLICT (span_ms, start_at, source, subject) DO UPDATE SET \(Self.merging)
                    """)
            }
            guard let disk else { return }
            try transaction.execute(
                """
                INSERT INTO disk_records (source, start_at, used_bytes, total_bytes)
                VALUES (\(source), \(minute), \(disk.usedBytes), \(disk.totalBytes))
                ON CONFLICT (source, start_at) DO UPDATE SET used_bytes = excluded.used_bytes,
                    total_bytes = excluded.total_bytes
                """)
        }
    }

    private static var merging: SQL {
        let added = sums.map { "\($0) = cost_records.\($0) + excluded.\($0)" as SQL }
        let greatest = (["memory_max_bytes", "gpu_max_bytes"] as [SQL]).map { column in
            """
            \(column) = CASE WHEN cost_records.\(column) > excluded.\(column) THEN cost_records.\(column)
                ELSE excluded.\(column) END
            """ as SQL
        }
        return (added + greatest).joined(separator: ", ")
    }

    /// What was taken from the minute of `start` up to `end`, by subject, over all servers.
    package func records(from start: Timestamp, to end: Timestamp) async throws -> [CostSubject: CostRecord] {
        let first = start.milliseconds / Self.minuteMs * Self.minuteMs
        return try await database.read { reader in
            let rows = try reader.rows(
                """
                SELECT subject, \(Self.columns) FROM cost_records
                WHERE span_ms IN \(list: Self.spans) AND start_at >= \(first) AND start_at < \(end)
                """)
            var records: [CostSubject: CostRecord] = [:]
            for row in rows {
                guard let subject = CostSubject(try row.get(0)) else { continue }
                records[subject, default: CostRecord()].merge(try CostRecord(row: row, from: 1))
            }
            return records
        }
    }

    /// What a server's disk had in use, oldest first: of an hour the last.
    package func disk(of source: String, since start: Timestamp) async throws -> [DiskForecast.Point] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT start_at, used_bytes, total_bytes FROM disk_records
                WHERE source = \(source) AND start_at >= \(start) ORDER BY start_at
                """
            ).map {
                DiskForecast.Point(time: try $0.get(0), usedBytes: try $0.get(1), totalBytes: try $0.get(2))
            }
        }
    }

    /// Makes hours of old minutes and days of old hours; of the disk one point in ten minutes stays.
    package func rollUp(at now: Timestamp) async throws {
        let steps = [
            (Self.minuteMs, Self.hourMs, now.milliseconds - 2 * Self.dayMs),
            (Self.hourMs, Self.dayMs, now.milliseconds - 90 * Self.dayMs),
        ]
        try await database.write { transaction in
            for (from, to, limit) in steps {
                let before = limit / to * to
                let sums = Self.sums.map { "CAST(SUM(\($0)) AS BIGINT)" as SQL }
                let order: SQL = """
                    \(sums[0]), \(sums[1]), MAX(memory_max_bytes), \(sums[2]), MAX(gpu_max_bytes), \(sums[3]), \(sums[4]),
                    \(sums[5]), \(sums[6])
                    """
                try transaction.execute(
                    """
                    INSERT INTO cost_records (source, subject, start_at, span_ms, \(Self.columns))
                    SELECT source, subject, start_at - start_at % \(to), CAST(\(to) AS BIGINT), \(order) FROM cost_records
                    WHERE span_ms = \(from) AND start_at < \(before)
                    GROUP BY 1, 2, 3
                    ON CONFLICT (span_ms, start_at, source, subject) DO UPDATE SET \(Self.merging)
                    """)
                try transaction.execute("DELETE FROM cost_records WHERE span_ms = \(from) AND start_at < \(before)")
            }
            try transaction.execute(
                """
                DELETE FROM disk_records WHERE start_at < \(now.milliseconds - Self.dayMs) AND start_at % 600000 <> 0
                    OR start_at < \(now.milliseconds - 90 * Self.dayMs)
                """)
        }
    }
}

extension CostRecord {
    fileprivate init(row: Row, from place: Int) throws {
        self.init()
        cpuMs = try row.get(place)
        memoryKiBMs = try row.get(place + 1)
        memoryMaxBytes = try row.get(place + 2)
        gpuKiBMs = try row.get(place + 3)
        gpuMaxBytes = try row.get(place + 4)
        receivedBytes = try row.get(place + 5)
        sentBytes = try row.get(place + 6)
        rows = try row.get(place + 7)
        coveredMs = try row.get(place + 8)
    }
}
