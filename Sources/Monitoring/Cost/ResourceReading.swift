package import Wire

/// What this machine and its processes have taken until a moment, as the system's counters say.
package struct ResourceReading: Sendable {
    /// The counters of one process.
    package struct Process: Sendable, Hashable {
        /// Since its start, in user and in system mode.
        package var cpuMs: Int64
        package var memoryBytes: Int64
        package var gpuBytes: Int64 = 0
    }

    package struct Disk: Sendable, Hashable {
        package let usedBytes: Int64
        package let totalBytes: Int64
    }

    package let time: Timestamp
    /// By process id.
    package var processes: [Int32: (subject: CostSubject, process: Process)] = [:]
    package var receivedBytes: Int64?
    package var sentBytes: Int64?
    /// Where the data folder lies.
    package var disk: Disk?
    /// Of all GPUs together; nil where there are none.
    package var gpu: Disk?
    /// Rows that this server has predicted.
    package var rows: Int64 = 0
    /// What cannot be said here, and why.
    package var unavailable: [String: String] = [:]

    package init(time: Timestamp) {
        self.time = time
    }

    /// What was taken since an earlier reading, by subject. A process that began in between counts from its start; one that
    /// ended took nothing more.
    package func used(since earlier: ResourceReading) -> [CostSubject: CostRecord] {
        let span = time.milliseconds - earlier.time.milliseconds
        guard span > 0 else { return [:] }
        var records: [CostSubject: CostRecord] = [:]
        for (id, (subject, process)) in processes {
            var record = records[subject] ?? CostRecord()
            let before = earlier.processes[id].flatMap { $0.subject == subject ? $0.process.cpuMs : nil }
            // A new process under the id of one that ended begins with less.
            record.cpuMs += before.map { process.cpuMs >= $0 ? process.cpuMs - $0 : process.cpuMs } ?? process.cpuMs
            record.memoryKiBMs += process.memoryBytes / 1024 * span
            record.memoryMaxBytes += process.memoryBytes
            record.gpuKiBMs += process.gpuBytes / 1024 * span
            record.gpuMaxBytes += process.gpuBytes
            record.coveredMs = span
            records[subject] = record
        }
        records[.server]?.receivedBytes = Self.growth(receivedBytes, earlier.receivedBytes)
        records[.server]?.sentBytes = Self.growth(sentBytes, earlier.sentBytes)
        records[.server]?.rows = max(0, rows - earlier.rows)
        return records
    }

    private static func growth(_ now: Int64?, _ before: Int64?) -> Int64 {
        guard let now, let before else { return 0 }
        return max(0, now - before)
    }
}
