extension MetricRegistry {
    /// The media type of `exposition`.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// All series in the text format of Prometheus.
    /// https://prometheus.io/docs/instrumenting/exposition_formats/
    package var exposition: String {
        var text = ""
        for (family, series) in all where !series.isEmpty {
            text += "# HELP \(family.name) \(family.help.escaped(quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.word)\n"
            for (labels, series) in series { text.append(family.name, labels.pairs, series) }
        }
        return text
    }
}

extension MetricFamily.Kind {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

extension MetricRegistry.LabelSet {
    fileprivate var pairs: [String] {
        zip(names, values).map { "\($0)=\"\($1.escaped(quotes: true))\"" }
    }
}

extension String {
    fileprivate mutating func append(_ name: String, _ labels: [String], _ series: MetricRegistry.Series) {
        switch series {
        case .counter(let counter): line(name, labels, String(counter.value))
        case .gauge(let gauge): line(name, labels, gauge.value.metricText)
        case .observed(let read): line(name, labels, read().metricText)
        case .histogram(let histogram):
            let snapshot = histogram.snapshot
            var total = 0
            for (bound, count) in zip(histogram.bounds + [.infinity], snapshot.counts) {
                total += count
                line("\(name)_bucket", labels + ["le=\"\(bound.metricText)\""], String(total))
            }
            line("\(name)_sum", labels, snapshot.sum.metricText)
            line("\(name)_count", labels, String(total))
        }
    }

    private mutating func line(_ name: String, _ labels: [String], _ value: String) {
        self += labels.isEmpty ? name : "\(name){\(labels.joined(separator: ","))}"
        self += " \(value)\n"
    }

    fileprivate func escaped(quotes: Bool) -> String {
        var text = replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        if quotes { text = text.replacing("\"", with: "\\\"") }
        return text
    }
}

extension Double {
    fileprivate var metricText: String {
        isNaN ? "NaN" : isInfinite ? (self < 0 ? "-Inf" : "+Inf") : description
    }
}
