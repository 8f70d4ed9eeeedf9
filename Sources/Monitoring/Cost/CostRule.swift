import Manifests
package import Wire

/// What resources cost, and how much of them is too much.
///
///     cost: { cpu_hour: 0.04, gb_hour: 0.005, maximum_per_thousand: 0.02, disk_full_days: 14 }
package struct CostRule: Sendable, Hashable {
    /// The price of one core for an hour, in whatever currency; nil to count none.
    package var cpuHour: Double?
    /// The price of a gibibyte of memory for an hour.
    package var gbHour: Double?
    /// The price of a gibibyte of GPU memory for an hour.
    package var gpuGBHour: Double?
    /// What a thousand predictions may cost.
    package var maximumPerThousand: Double?
    /// How many cores a model may keep busy.
    package var maximumCores: Double?
    package var maximumMemoryGB: Double?
    package var maximumGPUMemoryGB: Double?
    /// The disk may not be full sooner; nil when nobody asks.
    package var diskFullDays: Double?

    package static let standard = CostRule()

    package init() {
        diskFullDays = 14
    }

    static let keys = [
        "cpu_hour", "gb_hour", "gpu_gb_hour", "maximum_per_thousand", "maximum_cores", "maximum_memory_gb",
        "maximum_gpu_memory_gb", "disk_full_days",
    ]

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        self.init()
        let fields = try ManifestFields(node, keys: Self.keys)
        func amount(_ key: String) throws -> Double? { try fields.optionalDouble(key, in: 0...1e12) }
        cpuHour = try amount("cpu_hour")
        gbHour = try amount("gb_hour")
        gpuGBHour = try amount("gpu_gb_hour")
        maximumPerThousand = try amount("maximum_per_thousand")
        maximumCores = try amount("maximum_cores")
        maximumMemoryGB = try amount("maximum_memory_gb")
        maximumGPUMemoryGB = try amount("maximum_gpu_memory_gb")
        if fields.isOff("disk_full_days") {
            diskFullDays = nil
        } else if let days = try amount("disk_full_days") {
            diskFullDays = days
        }
        guard maximumPerThousand == nil || hasPrices else {
            throw ManifestError(
                at: fields.place, "'maximum_per_thousand' needs a price: 'cpu_hour', 'gb_hour' or 'gpu_gb_hour'")
        }
    }

    package var hasPrices: Bool { cpuHour != nil || gbHour != nil || gpuGBHour != nil }

    /// Whether it has prices or limits for what models take, beside those for the disk.
    package var asksWhatWasTaken: Bool {
        hasPrices || maximumCores != nil || maximumMemoryGB != nil || maximumGPUMemoryGB != nil
    }

    /// What a record costs.
    package func price(of record: CostRecord) -> Double {
        record.cpuHours * (cpuHour ?? 0) + record.memoryGBHours * (gbHour ?? 0)
            + record.gpuGBHours * (gpuGBHour ?? 0)
    }
}

extension CostRule: JSONRepresentable {
    package var json: JSON {
        .compact([
            "cpu_hour": cpuHour.map(JSON.double), "gb_hour": gbHour.map(JSON.double),
            "gpu_gb_hour": gpuGBHour.map(JSON.double), "maximum_per_thousand": maximumPerThousand.map(JSON.double),
            "maximum_cores": maximumCores.map(JSON.double), "maximum_memory_gb": maximumMemoryGB.map(JSON.double),
            "maximum_gpu_memory_gb": maximumGPUMemoryGB.map(JSON.double),
            "disk_full_days": diskFullDays.map(JSON.double) ?? "off",
        ])
    }
}
