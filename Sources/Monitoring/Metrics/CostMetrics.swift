package import Telemetry

/// What Prometheus is told of what the server takes.
package enum CostMetrics {
    package static let cpu = MetricFamily(
        "martlet_process_cpu_seconds_total", "Processor time of the server, and of the workers of each model.",
        kind: .counter)
    package static let memory = MetricFamily(
        "martlet_process_memory_bytes", "Resident memory of the server, and of the workers of each model.", kind: .gauge
    )
    package static let gpu = MetricFamily(
        "martlet_gpu_memory_bytes", "Memory of all GPUs; absent where there are none.", kind: .gauge)
    package static let network = MetricFamily(
        "martlet_network_bytes_total", "What the machine received and sent but over its loopback.", kind: .counter)
    package static let disk = MetricFamily(
        "martlet_disk_bytes", "Room on the disk of the data folder, used and in all.", kind: .gauge)
    package static let fullDays = MetricFamily(
        "martlet_disk_full_days", "In how many days the disk is full if it fills as it did; absent while it does not.",
        kind: .gauge)

    package static func update(
        _ registry: MetricRegistry, _ state: (reading: ResourceReading, sums: [CostSubject: CostRecord])?,
        disk forecast: DiskForecast?
    ) {
        guard let state else { return }
        let reading = state.reading
        let sums = state.sums.sorted { $0.key.text < $1.key.text }
        registry.replace(cpu, with: sums.map { ($0.key.labels, Double($0.value.cpuMs) / 1000) })
        let processes = Dictionary(grouping: reading.processes.values) { $0.subject }
        registry.replace(
            memory,
            with: processes.sorted { $0.key.text < $1.key.text }.map { subject, processes in
                (subject.labels, Double(processes.reduce(0) { $0 + $1.process.memoryBytes }))
            })
        registry.replace(
            network,
            with: [("received", reading.receivedBytes), ("sent", reading.sentBytes)].compactMap { direction, bytes in
                bytes.map { (labels: [(name: "direction", value: direction)], value: Double($0)) }
            })
        for (family, room) in [(Self.gpu, reading.gpu), (Self.disk, reading.disk)] {
            let values = room.map { [("used", $0.usedBytes), ("total", $0.totalBytes)] } ?? []
            registry.replace(family, with: values.map { ([("state", $0)], Double($1)) })
        }
        var days: [(labels: MetricRegistry.Labels, value: Double)] = []
        if let full = forecast?.days { days.append((labels: [], value: full)) }
        registry.replace(fullDays, with: days)
    }
}

extension CostSubject {
    fileprivate var labels: MetricRegistry.Labels {
        switch self {
        case .server: [("process", "server"), ("model", ""), ("version", "")]
        case .model(let name, let version): [("process", "worker"), ("model", name), ("version", String(version))]
        }
    }
}
