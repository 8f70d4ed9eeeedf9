package import Wire

/// Whose use of the machine is counted.
package enum CostSubject: Sendable, Hashable {
    /// The process of the server, with the models that run inside it.
    case server
    /// The worker processes of a model version.
    case model(String, version: Int)

    /// As it is stored and shown: `server`, or `churn/3`.
    package var text: String {
        switch self {
        case .server: "server"
        case .model(let name, let version): "\(name)/\(version)"
        }
    }

    /// - Returns: nil for other text.
    package init?(_ text: String) {
        if text == "server" {
            self = .server
            return
        }
        guard let slash = text.lastIndex(of: "/"), let version = Int(text[text.index(after: slash)...]) else {
            return nil
        }
        self = .model(String(text[..<slash]), version: version)
    }
}

/// What a subject took of the machine over a time. Merging records of minutes, or of several servers, gives what one record
/// over all of it would be.
package struct CostRecord: Sendable, Hashable {
    /// Of all cores together.
    package var cpuMs: Int64 = 0
    /// Memory over time, in kibibytes times milliseconds: whole numbers, so that sums are exact in any order.
    package var memoryKiBMs: Int64 = 0
    package var memoryMaxBytes: Int64 = 0
    /// Of GPUs, over time.
    package var gpuKiBMs: Int64 = 0
    package var gpuMaxBytes: Int64 = 0
    /// Of the whole machine but its loopback; only the server's record has them.
    package var receivedBytes: Int64 = 0
    package var sentBytes: Int64 = 0
    /// Rows that were predicted here; only the server's record has them.
    package var rows: Int64 = 0
    /// How much of the time was looked at.
    package var coveredMs: Int64 = 0

    package init() {}

    package mutating func merge(_ other: CostRecord) {
        cpuMs += other.cpuMs
        memoryKiBMs += other.memoryKiBMs
        memoryMaxBytes = max(memoryMaxBytes, other.memoryMaxBytes)
        gpuKiBMs += other.gpuKiBMs
        gpuMaxBytes = max(gpuMaxBytes, other.gpuMaxBytes)
        receivedBytes += other.receivedBytes
        sentBytes += other.sentBytes
        rows += other.rows
        coveredMs += other.coveredMs
    }

    /// How many cores were busy on average; nil when nothing was looked at.
    package var cores: Double? { coveredMs > 0 ? Double(cpuMs) / Double(coveredMs) : nil }
    package var cpuHours: Double { Double(cpuMs) / 3_600_000 }
    /// Gibibytes times hours.
    package var memoryGBHours: Double { Double(memoryKiBMs) / 1_048_576 / 3_600_000 }
    package var gpuGBHours: Double { Double(gpuKiBMs) / 1_048_576 / 3_600_000 }
    package var memoryMeanBytes: Double? { coveredMs > 0 ? Double(memoryKiBMs) * 1024 / Double(coveredMs) : nil }
}

extension CostRecord: JSONRepresentable {
    package var json: JSON {
        .compact([
            "cpu_ms": .integer(cpuMs), "cores": cores.map(JSON.double),
            "memory_mean_bytes": memoryMeanBytes.map(JSON.double),
            "memory_max_bytes": .integer(memoryMaxBytes),
            "gpu_memory_max_bytes": gpuMaxBytes > 0 ? .integer(gpuMaxBytes) : nil,
            "received_bytes": receivedBytes > 0 ? .integer(receivedBytes) : nil,
            "sent_bytes": sentBytes > 0 ? .integer(sentBytes) : nil, "rows": rows > 0 ? .integer(rows) : nil,
            "covered_ms": .integer(coveredMs),
        ])
    }
}
