package import Incidents
import Wire

/// What a window's predictions took of the machine.
package struct WindowCost: Sendable, Hashable {
    /// The workers of the model that answered; nil when it has none, because it runs in the server or elsewhere.
    package let workers: CostRecord?
    /// The server, which takes and logs all predictions, and runs some models itself.
    package let server: CostRecord
    package let disk: DiskForecast?
    /// Whose rows the workers answered in the minutes that were looked at; nil when all were the window's.
    package let rows: Rows?

    /// Minutes are the least of which it is known what was taken; several windows, of one variant or of several, may share
    /// them.
    package struct Rows: Sendable, Hashable {
        /// Those of the version in the window's variant.
        package let lane: Int
        /// Those of the version in all variants.
        package let version: Int

        package init(lane: Int, version: Int) {
            self.lane = lane
            self.version = version
        }
    }

    package init(workers: CostRecord?, server: CostRecord, disk: DiskForecast?, rows: Rows? = nil) {
        self.workers = workers
        self.server = server
        self.disk = disk
        self.rows = rows
    }

    /// What `rows` of the predictions cost: of the workers the share of these rows in all that the version answered, of the
    /// server in all that it did. Nil when the server answered none, as it does of models elsewhere.
    package func price(ofRows rows: Int, by rule: CostRule) -> Double? {
        guard rows > 0, server.rows > 0 else { return nil }
        let workers = workers.map { rule.price(of: $0) * share(ofRows: rows) } ?? 0
        return rule.price(of: server) * min(1, Double(rows) / Double(server.rows)) + workers
    }

    /// The share of some rows in all that the version answered in the minutes that were looked at.
    func share(ofRows rows: Int) -> Double {
        Double(rows) / Double(max(rows, self.rows?.version ?? rows, 1))
    }

    /// How many cores worked for the variant's rows, by its share in the rows of those who worked.
    var cores: Double? {
        guard let rows else { return (workers ?? server).cores }
        let all = workers == nil ? Int(server.rows) : rows.version
        return (workers ?? server).cores.map { $0 * min(1, Double(rows.lane) / Double(max(1, all))) }
    }
}

/// What predictions cost, and whether what they take is running out. Codes: `cost_per_thousand`, `cores`, `memory_gb`,
/// `gpu_memory_gb`, `disk_full_days`.
package enum CostFamily {
    /// Of all traffic alone: which part of it a processor worked for is not seen, so that segments are given no cost.
    package static func findings(_ view: WindowView, by rule: CostRule) -> [Finding] {
        guard let cost = view.cost else { return [] }
        return findings(of: cost, rows: view.rows, in: view.slice, by: rule)
    }

    /// - Parameters:
    ///   - rows: the predictions of the window.
    ///   - slice: the window's, of which is said what can be shared out; memory and the disk are the machine's.
    package static func findings(
        of cost: WindowCost, rows: Int, in slice: TrafficSlice = .whole, by rule: CostRule
    ) -> [Finding] {
        var findings: [Finding] = []
        if rule.hasPrices { findings.append(perThousand(cost, rows, slice, rule)) }
        // What is asked of the model is its workers', and the server's where it has none.
        let taken = cost.workers ?? cost.server
        let gibibyte = 1_073_741_824.0
        let gauges: [(code: String, value: Double?, limit: Double?)] = [
            ("cores", cost.cores, rule.maximumCores),
            ("memory_gb", taken.coveredMs > 0 ? Double(taken.memoryMaxBytes) / gibibyte : nil, rule.maximumMemoryGB),
            (
                "gpu_memory_gb", taken.gpuMaxBytes > 0 ? Double(taken.gpuMaxBytes) / gibibyte : nil,
                rule.maximumGPUMemoryGB
            ),
        ]
        for (code, value, limit) in gauges {
            guard let value, let limit else { continue }
            let subject = cost.workers == nil ? "server" : "workers"
            findings.append(
                Finding(
                    .cost, code, of: subject, in: code == "cores" ? slice : .whole,
                    verdict: value > limit ? .bad : .fine, value: value,
                    limit: limit, measure: code, rows: rows,
                    words: "The \(subject) took \(value.words()) \(noun(code)); \(limit.words()) is the most."))
        }
        if let limit = rule.diskFullDays, let disk = cost.disk { findings.append(full(disk, limit, rows)) }
        return findings
    }

    private static func noun(_ code: String) -> String {
        switch code {
        case "cores": "cores"
        case "memory_gb": "GiB of memory"
        default: "GiB of GPU memory"
        }
    }

    private static func perThousand(
        _ cost: WindowCost, _ rows: Int, _ slice: TrafficSlice, _ rule: CostRule
    ) -> Finding {
        let value = cost.price(ofRows: rows, by: rule).map { $0 / Double(rows) * 1000 }
        guard let value else {
            return Finding(
                .cost, "cost_per_thousand", in: slice, verdict: .unknown, limit: rule.maximumPerThousand,
                measure: "price_per_thousand", rows: rows,
                words: "These predictions were made elsewhere: what they cost is not seen from here.")
        }
        let isBad = rule.maximumPerThousand.map { value > $0 } ?? false
        let limit = rule.maximumPerThousand.map { "; \($0.words()) is the most" } ?? ""
        return Finding(
            .cost, "cost_per_thousand", in: slice, verdict: isBad ? .bad : .fine, value: value,
            limit: rule.maximumPerThousand, measure: "price_per_thousand", rows: rows,
            words: "A thousand predictions cost \(value.words())\(limit).",
            details: .compact([
                "workers": cost.workers.map { .double(rule.price(of: $0)) },
                "server": .double(rule.price(of: cost.server)),
                "server_rows": .integer(cost.server.rows),
                "version_rows": cost.rows.map { .integer(Int64($0.version)) },
            ]))
    }

    /// Bad when the disk is likely to be full too soon, and sure to fill at all.
    private static func full(_ disk: DiskForecast, _ limit: Double, _ rows: Int) -> Finding {
        let days = disk.days
        let isBad = disk.latestDays != nil && days.map { $0 < limit } ?? false
        return Finding(
            .cost, "disk_full_days", of: "disk", verdict: isBad ? .bad : .fine, value: days, limit: limit,
            measure: "days", rows: rows,
            words: "At the pace of the last days \(disk.words); \(limit.words()) days are the least.",
            details: disk.json)
    }
}
