package import Wire

/// A run about to be created.
package struct NewRun: Sendable {
    package let experimentID: ExperimentID
    package let userID: String
    package let startTime: Timestamp
    /// Nil lets the server choose one.
    package let name: String?
    /// The run's name among them.
    package let tags: [Tag]

    /// - Throws: `FieldProblem` when a tag is given twice, or the name twice and differently.
    package init(
        experimentID: ExperimentID, userID: String = "", startTime: Timestamp, name: String? = nil, tags: [Tag] = []
    ) throws {
        try tags.requireUniqueKeys()
        let name = name?.isEmpty == true ? nil : name
        let tagged = tags.first { $0.key == Run.nameKey }?.value
        if let name, let tagged, name != tagged {
            throw FieldProblem(
                "Both 'run_name' argument and '\(Run.nameKey)' tag are specified, but with different values "
                    + "(run_name='\(name)', \(Run.nameKey)='\(tagged)').")
        }
        self.experimentID = experimentID
        self.userID = userID
        self.startTime = startTime
        self.name = name ?? (tagged?.isEmpty == true ? nil : tagged)
        self.tags = tags.filter { $0.key != Run.nameKey }
    }
}

/// What changes about a run; nil leaves a thing as it is.
package struct RunUpdate: Sendable {
    package var status: RunStatus?
    package var endTime: Timestamp?
    package var name: String?

    package init(status: RunStatus? = nil, endTime: Timestamp? = nil, name: String? = nil) {
        self.status = status
        self.endTime = endTime
        self.name = name?.isEmpty == true ? nil : name
    }
}

/// What a run logs at once.
package struct RunBatch: Sendable {
    package let metrics: [Metric]
    package let params: [Param]
    package let tags: [Tag]

    static let maximumMetrics = 1000
    static let maximumParams = 100
    static let maximumTags = 100
    static let maximumTotal = 1000

    /// - Throws: `FieldProblem` for too many of a kind, names that break the rule, negative timestamps, and params given
    ///   twice. Values that are too long are cut.
    package init(metrics: [Metric] = [], params: [Param] = [], tags: [Tag] = []) throws {
        try Self.check(metrics.count, Self.maximumMetrics, "metrics")
        try Self.check(params.count, Self.maximumParams, "params")
        try Self.check(tags.count, Self.maximumTags, "tags")
        try Self.check(metrics.count + params.count + tags.count, Self.maximumTotal, "metrics, params, and tags")
        for metric in metrics { try Self.check(metric) }
        var seen: Set<String> = []
        for param in params {
            try KeyRule.check(param.key, parameter: "key")
            guard seen.insert(param.key).inserted else {
                throw FieldProblem(
                    "Duplicate parameter keys have been submitted: ['\(param.key)']. Please ensure the request contains "
                        + "only one param value per param key.")
            }
        }
        self.metrics = metrics
        self.params = params.map { param in
            param.value.isLonger(than: Param.maximumValueLength)
                ? Param(key: param.key, value: param.value.cut(to: Param.maximumValueLength)) : param
        }
        self.tags = try tags.map(TagRule.run.checked)
    }

    private static func check(_ count: Int, _ limit: Int, _ kind: String) throws {
        guard count > limit else { return }
        throw FieldProblem(
            "A batch logging request can contain at most \(limit) \(kind). Got \(count) \(kind). Please split up \(kind) "
                + "across multiple requests and try again.")
    }

    private static func check(_ metric: Metric) throws {
        try KeyRule.check(metric.key)
        guard metric.timestamp.milliseconds >= 0 else {
            throw FieldProblem(
                "Invalid value \(metric.timestamp.milliseconds) for parameter 'timestamp' supplied: metric "
                    + "'\(metric.key)' (value=\(metric.value)). Timestamp must be a nonnegative long (64-bit integer).")
        }
    }
}
