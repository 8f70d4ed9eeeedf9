package import Manifests
package import Statistics
import Wire

/// What is asked of a model's quality: `performance` of a monitor's manifest. All of it has a default.
///
///     performance:
///       positive: M                  # the label of the class that is looked for; without it 1, true, yes
///       threshold: 0.5               # the probability from which it is decided
///       label_days: 30               # after so long no more labels are waited for
///       metrics: [recall, f2, roc_auc]
///       minimum: { recall: 0.9 }
///       maximum: { log_loss: 0.4 }
///       minimum_change: 0.05
///       values: { tp: 100, fp: -5, fn: -200, tn: 0 }
package struct PerformanceRule: Sendable, Hashable {
    /// A bound that a measure may not pass.
    package struct Limit: Sendable, Hashable {
        package let metric: PerformanceMetric
        package let value: Double
        package let isMinimum: Bool
    }

    /// What each kind of decision is worth.
    package struct Values: Sendable, Hashable {
        package let truePositive: Double
        package let falsePositive: Double
        package let falseNegative: Double
        package let trueNegative: Double
    }

    package var isOn = true
    package var positive: String?
    package var threshold = 0.5
    package var labelDays = 30
    /// Empty for those that are usual for the kind of model.
    package var metrics: [PerformanceMetric] = []
    package var limits: [Limit] = []
    /// A measure is worse than the reference's when it is so by at least this: of shares and indices the difference, of
    /// losses and errors twice this share of the reference's.
    package var minimumChange = 0.05
    package var hasEstimate = true
    package var values: Values?
    /// The classes there are; others are found out from the first rows.
    package var classes: [String] = []
    /// The columns of the reference dataset that hold the truth and what the model said.
    package var target: String?
    package var prediction: String?
    /// From which relevance on an item of a list counts as relevant.
    package var relevance = 1.0

    package static let standard = PerformanceRule()

    package init() {}

    static let keys = [
        "positive", "threshold", "label_days", "metrics", "minimum", "maximum", "minimum_change", "beta", "estimate",
        "values", "classes", "target", "prediction", "relevance",
    ]

    /// - Throws: `ManifestError` with the place of what is wrong.
    package init(_ node: ManifestNode) throws {
        guard !node.isOff else {
            isOn = false
            return
        }
        let fields = try ManifestFields(node, keys: Self.keys)
        positive = try fields.optional("positive").map(Self.label)
        threshold = try fields.optionalDouble("threshold", in: 0...1) ?? threshold
        labelDays = try fields.optionalInteger("label_days", in: 0...3_650) ?? labelDays
        metrics = try fields.list("metrics").map { try Self.metric($0.json.stringValue ?? "", at: $0.place) }
        if let beta = try fields.optionalDouble("beta", in: 0...1_000) {
            let name = Int(exactly: beta).map { "f\($0)" } ?? "f\(beta)"
            let metric = try Self.metric(name, at: fields.place)
            if !metrics.contains(metric) { metrics.insert(metric, at: 0) }
        }
        limits = try Self.limits(fields, "minimum") + Self.limits(fields, "maximum")
        minimumChange = try fields.optionalDouble("minimum_change", in: 0...1) ?? minimumChange
        hasEstimate = try fields.optionalBool("estimate") ?? true
        values = try fields.optional("values").map(Self.values)
        classes = try Self.classes(fields.list("classes"))
        target = try fields.optionalString("target")
        prediction = try fields.optionalString("prediction")
        relevance = try fields.optionalDouble("relevance", in: -1e9...1e9) ?? relevance
    }

    private static func classes(_ nodes: [ManifestNode]) throws -> [String] {
        try nodes.reduce(into: []) { classes, node in
            let label = try label(node)
            guard !classes.contains(label) else {
                throw ManifestError(at: node.place, "the class '\(label)' is named twice")
            }
            classes.append(label)
        }
    }

    /// A label as labels are compared: `1`, `1.0` and the text `1` are one.
    private static func label(_ node: ManifestNode) throws -> String {
        guard case .scalar(let json) = node.value, let text = LabelText(json)?.text else {
            throw ManifestError(at: node.place, "expected a label, got \(node.json.excerpt(80))")
        }
        return text
    }

    private static func metric(_ name: String, at place: ManifestPlace) throws -> PerformanceMetric {
        if let metric = PerformanceMetric(name) { return metric }
        let known = PerformanceMetric.known
        let hint = known.closest(to: name).map { "Did you mean '\($0)'?" }
        throw ManifestError(
            at: place, "there is no measure '\(name)'", hint: hint ?? "There are: \(known.joined(separator: ", ")).")
    }

    private static func limits(_ fields: ManifestFields, _ key: String) throws -> [Limit] {
        guard let node = fields.optional(key) else { return [] }
        guard case .mapping(let entries) = node.value else {
            throw ManifestError(at: node.place, "expected a mapping from measures to numbers")
        }
        return try entries.map { entry in
            guard let value = entry.value.json.doubleValue else {
                throw ManifestError(at: entry.value.place, "expected a number, got \(entry.value.json.excerpt(80))")
            }
            return Limit(
                metric: try metric(entry.key, at: entry.place), value: value, isMinimum: key == "minimum")
        }
    }

    private static func values(_ node: ManifestNode) throws -> Values {
        let fields = try ManifestFields(node, keys: ["tp", "fp", "fn", "tn"])
        func value(_ key: String) throws -> Double { try fields.optionalDouble(key, in: -1e15...1e15) ?? 0 }
        return Values(
            truePositive: try value("tp"), falsePositive: try value("fp"), falseNegative: try value("fn"),
            trueNegative: try value("tn"))
    }

    /// When no more labels are waited for: so long after a window ended, or was judged first, because what is imported may be
    /// of years ago.
    func deadline(ofEnd end: Timestamp, judgedAt: Timestamp?) -> Timestamp {
        max(end, judgedAt ?? end) + .seconds(86_400 * labelDays)
    }

    /// How many tests a slice is put to: each measure may fall below the basis, and pass its limit.
    var tests: Int {
        guard isOn else { return 0 }
        return (metrics.isEmpty ? Self.usualMetrics : metrics.count) + limits.count
    }

    /// As many as are usual for models of two classes or more; for others they are fewer.
    private static let usualMetrics = 11

    /// The measures of a profile: those asked for and those with a limit, or those that are usual.
    package func metrics(of profile: PerformanceProfile) -> [PerformanceMetric] {
        var seen: Set<PerformanceMetric> = []
        let asked = metrics.isEmpty ? profile.standardMetrics : metrics
        return (asked + limits.map(\.metric)).filter { seen.insert($0).inserted }
    }
}
