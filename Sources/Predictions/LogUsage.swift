package import Wire

/// What the log takes on the disk.
package struct LogUsage: Sendable, Hashable {
    package struct Day: Sendable, Hashable {
        /// Such as `2026-11-21`, in UTC.
        package let name: String
        package let sizeBytes: Int
    }

    /// Oldest first.
    package let days: [Day]
    /// Of predictions that are on their way into their day.
    package let journalBytes: Int

    package var sizeBytes: Int { days.reduce(journalBytes) { $0 + $1.sizeBytes } }
}

extension LogUsage: JSONRepresentable {
    package var json: JSON {
        [
            "size_bytes": .integer(Int64(sizeBytes)), "journal_bytes": .integer(Int64(journalBytes)),
            "days": .array(
                days.map { ["day": .string($0.name), "size_bytes": .integer(Int64($0.sizeBytes))] }),
        ]
    }
}

/// What of the log is on its way, in bytes of the journal.
package struct LogBacklog: Sendable, Hashable {
    /// Waits to come into the store.
    package let storeBytes: Int
    /// Is in the store, and waits to be told to observers.
    package let observerBytes: Int
}

extension PredictionLog {
    /// What is on its way at this moment.
    package nonisolated var backlog: LogBacklog {
        let progress = journal.progress
        return LogBacklog(storeBytes: progress.unstoredBytes, observerBytes: progress.unobservedBytes)
    }

    /// What the log takes on the disk at this moment.
    package func usage() async throws -> LogUsage {
        var days: [LogUsage.Day] = []
        for day in try await partitions.days() {
            days.append(LogUsage.Day(name: day.name, sizeBytes: await partitions.sizeBytes(of: day)))
        }
        return LogUsage(days: days, journalBytes: journal.progress.byteCount)
    }
}
