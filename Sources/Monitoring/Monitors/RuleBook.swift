import Incidents
import Statistics
import Wire

/// Everything by which a monitor calls something bad, and where each comes from: its manifest, or what holds where nothing is said.
/// A pure value of the manifest.
struct RuleBook: Sendable {
    struct Rule: Sendable, Hashable {
        /// What is looked at.
        let subject: String
        /// What is in force.
        let words: String
        /// How it is tested, where it is.
        let test: String?
        /// The key in `spec` that sets it, such as `drift.minimum_effect`.
        let key: String
        let isDeclared: Bool
    }

    struct Chapter: Sendable, Hashable {
        let title: String
        let rules: [Rule]
    }

    private let monitor: Monitor
    private let spec: JSON
    /// The newest window, and the rows it was compared with.
    private let window: (window: MonitorWindow, referenceRows: Int)?

    /// - Parameter spec: as it is declared.
    init(_ monitor: Monitor, spec: JSON, newest window: (window: MonitorWindow, referenceRows: Int)?) {
        self.monitor = monitor
        self.spec = spec
        self.window = window
    }

    var chapters: [Chapter] {
        [
            Chapter(title: "When findings become an alert", rules: alarms), Chapter(title: "Drift", rules: drift),
            Chapter(title: "Data quality", rules: quality), Chapter(title: "Performance", rules: performance),
            Chapter(title: "Latency and calls", rules: traffic), Chapter(title: "Cost and disk", rules: cost),
            Chapter(title: "What follows", rules: following),
        ]
    }

    // MARK: Chapters

    private var alarms: [Rule] {
        let rule = monitor.alarms
        let rate = rule.falseAlarmsPerMonth
        return [
            self.rule("An alert opens", "after \(rule.words)", nil, "alarms.windows", or: "drift.windows"),
            self.rule(
                "False alerts a month", rate.map { "\(Self.number($0)) at most, on average" } ?? "not limited", level,
                "alarms.false_alarms_per_month"),
            self.rule(
                "What lasts is told by",
                rule.detector == .cusum ? "the sum of the evidence of all windows" : "counting bad windows",
                nil, "alarms.detector"),
        ]
    }

    /// What the limit on false alerts came to in the newest window.
    private var level: String? {
        guard let window, let openings = window.window.openings, monitor.alarms.falseAlarmsPerMonth != nil else {
            return nil
        }
        let rows = Double(window.window.rows)
        let correlation = window.referenceRows > 0 ? rows / (rows + Double(window.referenceRows)) : 0
        let level = AlarmLevel(
            AlarmBudget(
                openings: openings, persistence: (monitor.alarms.windows, monitor.alarms.of), correlation: correlation
            ).rounded)
        return "in window \(window.window.number) a finding counted from p ≤ \(Self.number(level.pValue))"
    }

    private var drift: [Rule] {
        let rule = monitor.drift
        let names: String =
            switch rule.mode {
            case .martlet: "an effect, and a test of all columns together (Benjamini–Hochberg)"
            case .evidently, .nannyml: "the tests and thresholds of \(rule.mode.rawValue)"
            }
        let overrides = rule.overrides.sorted { $0.key < $1.key }.map { name, override -> Rule in
            let words: String =
                switch override {
                case .off: "is not compared"
                case .minimumEffect(let effect): "counts from an effect of \(Self.number(effect))"
                }
            return self.rule("Column \(name)", words, nil, "drift.columns.\(name)", declared: true)
        }
        let told = [
            self.rule("Compared", "with \(monitor.reference.words)", nil, "reference"),
            self.rule(
                "Told by", names, rule.mode == .martlet ? "two samples for numbers, χ² for names" : nil, "drift.mode"),
        ]
        let limits = [
            self.rule(
                "Effect", "\(Self.number(rule.minimumEffect)) or more",
                "Jensen–Shannon distance, less what chance would show", "drift.minimum_effect"),
            self.rule(
                "Wrongly called drifting", "\(Self.percent(rule.falseDiscoveryRate)) of those called so at most",
                "Benjamini–Hochberg over the columns of a window", "drift.false_discovery_rate"),
        ]
        let reach = [
            self.rule(
                "Rows as a whole", rule.comparesRows(in: monitor.window) ? "compared" : "not compared", nil,
                "drift.joint"),
            self.rule("What the model answers", rule.hasOutputs ? "compared" : "not compared", nil, "drift.outputs"),
        ]
        // The thresholds of another tool are its own.
        return told + (rule.mode == .martlet ? limits : []) + reach + overrides
    }

    private var quality: [Rule] {
        let rule = monitor.quality
        let limits = QualityRule.Check.allCases.map { check -> Rule in
            let limit = rule.limits[check].map { "\(Self.percent($0)) of the rows more than in the reference" }
            return self.rule(
                check.title, limit ?? "not looked at", limit == nil ? nil : "shares of two samples",
                "quality.\(check.rawValue)")
        }
        let overrides = rule.overrides.sorted { $0.key < $1.key }.map { name, limits -> Rule in
            let words = QualityRule.Check.allCases.compactMap { check in
                limits[check].map { "\(check.rawValue) \(Self.percent($0))" }
            }
            return self.rule(
                "Column \(name)", words.isEmpty ? "is not looked at" : words.joined(separator: ", "), nil,
                "quality.columns.\(name)", declared: true)
        }
        return limits + [
            self.rule(
                "Columns that appear, vanish or never change", rule.hasShapeChecks ? "told of" : "not looked at", nil,
                "quality.shape"),
            self.rule(
                "Rows that are there twice", rule.duplicates.map { "\(Self.percent($0)) at most" } ?? "not looked at",
                nil, "quality.duplicates"),
            self.rule(
                "Labels about no prediction",
                rule.unmatchedLabels.map { "\(Self.percent($0)) at most" } ?? "not looked at", nil,
                "quality.unmatched_labels"),
            self.rule(
                "Nothing comes", rule.freshnessMinutes.map { "for \($0) minutes" } ?? "any pause is fine", nil,
                "quality.freshness_minutes"),
            self.rule(
                "Rows from the future", "\(rule.futureMinutes) minutes ahead", nil, "quality.future_minutes"),
            self.rule("Rows that come late", "after \(rule.lateDays) days", nil, "quality.late_days"),
        ] + overrides
    }

    private var performance: [Rule] {
        let rule = monitor.performance
        guard rule.isOn else { return [self.rule("All of it", "not looked at", nil, "performance")] }
        let limits = rule.limits.map { limit in
            self.rule(
                limit.metric.name, "\(limit.isMinimum ? "at least" : "at most") \(Self.number(limit.value))",
                "its whole 95 % interval lies beyond",
                "performance.\(limit.isMinimum ? "minimum" : "maximum").\(limit.metric.name)", declared: true)
        }
        return limits + [
            self.rule(
                "Worse than before", "by \(Self.number(rule.minimumChange)) or more", "and significantly so",
                "performance.minimum_change"),
            self.rule("Labels are waited for", "\(rule.labelDays) days", nil, "performance.label_days"),
            self.rule(
                "Without labels", rule.hasEstimate ? "estimated, and called so" : "nothing is said", nil,
                "performance.estimate"),
        ]
    }

    private var traffic: [Rule] {
        let latency = monitor.latency
        let quantiles = LatencyRule.Quantile.allCases.map { quantile in
            self.rule(
                "\(quantile.rawValue) of a \(latency.unit.rawValue)",
                latency.limits[quantile].map { "\(Self.number($0)) ms at most" } ?? "measured, without a limit",
                latency.limits[quantile] == nil ? nil : "binomial, p ≤ \(Self.number(LatencyFamily.level))",
                "latency.\(quantile.key)")
        }
        let slower = self.rule(
            "Slower than before", latency.slower.map { "\(Self.number($0)) times" } ?? "not looked at",
            latency.slower == nil ? nil : "told of, opens no alert", "latency.slower")
        let callers = monitor.calls.callers.sorted { $0.key < $1.key }.map { name, limits in
            self.rule("Calls by \(name)", Self.words(limits), nil, "calls.callers.\(name)", declared: true)
        }
        let calls = self.rule(
            "Calls", "\(Self.words(monitor.calls.total)), over \(monitor.calls.minutes) minutes", nil, "calls",
            declared: spec["calls"] != nil)
        return quantiles + [slower, calls] + callers
    }

    private static func words(_ limits: CallsRule.Limits) -> String {
        let parts = [
            limits.minimumPerMinute.map { "at least \(number($0))" },
            limits.maximumPerMinute.map { "at most \(number($0))" },
        ].compactMap(\.self)
        return parts.isEmpty ? "counted, without a limit" : "\(parts.joined(separator: ", ")) a minute"
    }

    private var cost: [Rule] {
        let rule = monitor.cost
        func limit(_ subject: String, _ value: Double?, _ unit: String, _ key: String) -> Rule? {
            value.map { self.rule(subject, "\(Self.number($0))\(unit) at most", nil, "cost.\(key)") }
        }
        let limits = [
            limit("A thousand predictions cost", rule.maximumPerThousand, "", "maximum_per_thousand"),
            limit("Cores at work", rule.maximumCores, "", "maximum_cores"),
            limit("Memory", rule.maximumMemoryGB, " GiB", "maximum_memory_gb"),
            limit("Memory of graphics cards", rule.maximumGPUMemoryGB, " GiB", "maximum_gpu_memory_gb"),
        ].compactMap(\.self)
        return limits + [
            self.rule(
                "The disk is full", rule.diskFullDays.map { "in less than \(Self.number($0)) days" } ?? "not looked at",
                nil, "cost.disk_full_days")
        ]
    }

    private var following: [Rule] {
        let rule = monitor.alerting
        return [
            self.rule("Owner", rule.owner ?? "nobody", nil, "owner"),
            self.rule("Severity", rule.severity.rawValue, nil, "severity"),
            self.rule("Is told", rule.notify.isEmpty ? "nobody" : rule.notify.joined(separator: ", "), nil, "notify"),
            self.rule("Runbook", rule.runbook ?? "none", nil, "runbook"),
            self.rule("Is set going", rule.onAlert?.words ?? "nothing", nil, "on_alert"),
        ]
    }

    // MARK: Words

    private func rule(
        _ subject: String, _ words: String, _ test: String?, _ key: String, or former: String? = nil,
        declared: Bool = false
    ) -> Rule {
        let isDeclared = declared || has(key) || (former.map(has) ?? false)
        return Rule(subject: subject, words: words, test: test, key: key, isDeclared: isDeclared)
    }

    private func has(_ key: String) -> Bool {
        let found = key.split(separator: ".").reduce(spec as JSON?) { part, name in part?[String(name)] }
        return found != nil && found != .null
    }

    private static func number(_ value: Double) -> String { value.words(digits: 3) }
    private static func percent(_ share: Double) -> String { "\((100 * share).words(digits: 3)) %" }
}

extension QualityRule.Check {
    /// What is counted, for people.
    var title: String {
        switch self {
        case .missing: "Missing"
        case .nan: "Not a number"
        case .infinite: "Infinite"
        case .type: "Of another type"
        case .range: "Out of range"
        case .unseen: "Never seen before"
        }
    }
}
