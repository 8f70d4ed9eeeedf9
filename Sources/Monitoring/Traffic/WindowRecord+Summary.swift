import Statistics
package import Wire

extension WindowRecord {
    /// What answers show of it: how much, from whom, how quickly, and how many rows each column has. No values.
    package var summary: JSON {
        let callers = calls.callers.sorted { ($1.value.requests, $0.key) < ($0.value.requests, $1.key) }
        return .compact([
            "rows": .integer(Int64(rows)), "kept_rows": .integer(Int64(keptRows)),
            "requests": .integer(Int64(requests)), "first": firstTime?.json, "last": lastTime?.json,
            "callers": .members(callers.map { ($0.key, .integer(Int64($0.value.requests))) }),
            "other_callers": calls.others.requests == 0 ? nil : .integer(Int64(calls.others.requests)),
            "latency_ms": ["request": Self.quantiles(latency.perRequest), "row": Self.quantiles(latency.perRow)],
            "inputs": columns(inputs), "outputs": columns(outputs),
            "overflow": overflow == 0 ? nil : .integer(Int64(overflow)),
            "unreadable_records": unreadable == 0 ? nil : .integer(Int64(unreadable)),
        ])
    }

    private static func quantiles(_ sketch: QuantileSketch) -> JSON {
        .members(
            LatencyRule.Quantile.allCases.compactMap { quantile in
                sketch.quantile(quantile.rank).map { (quantile.rawValue, .double($0)) }
            })
    }

    private func columns(_ columns: Columns) -> JSON {
        .members(columns.map { ($0, .integer(Int64($1.rows))) })
    }
}
