package import Incidents
package import Statistics
package import Wire

/// A monitor's windows with the measures that its labels give: what routes and pages show.
package struct PerformanceReport: Sendable {
    package let monitor: Monitor
    /// Of the version of `subject`.
    package let basis: PerformanceBasis?
    /// Oldest first.
    package let windows: [WindowPerformance]

    /// A measure of a slice, with what the basis had.
    package struct Line: Sendable {
        package let metric: PerformanceMetric
        package let estimate: MetricEstimate
        package let expected: MetricEstimate?
    }

    package func lines(of part: WindowPerformance.Part) -> [Line] {
        guard let profile = part.profile else { return [] }
        return monitor.performance.metrics(of: profile).compactMap { metric in
            profile.estimate(metric).map {
                Line(metric: metric, estimate: $0, expected: basis?.profile.estimate(metric))
            }
        }
    }

    /// The newest window with labels, or the newest: whose version the measures are of. The version that answers now may be too
    /// young for any.
    package var subject: WindowPerformance? { Self.subject(of: windows) }

    static func subject(of windows: [WindowPerformance]) -> WindowPerformance? {
        windows.last { $0.labelled > 0 } ?? windows.last
    }

    /// The measures of all windows of the subject's version together: of sums, which an average of windows is not.
    package var merged: WindowPerformance.Part? {
        guard let subject else { return nil }
        var merged: WindowPerformance.Part?
        for window in windows where window.model == subject.model && window.version == subject.version {
            guard let part = window.whole else { continue }
            guard merged != nil else {
                merged = part
                continue
            }
            merged?.labelled += part.labelled
            if let rows = merged?.rows { merged?.rows = part.rows.map { rows + $0 } }
            merged?.troubles.merge(part.troubles, uniquingKeysWith: +)
            if let profile = part.profile, merged?.profile?.merge(profile) == nil { merged?.profile = profile }
        }
        return merged
    }

    package var json: JSON {
        .compact([
            "monitor": .string(monitor.name),
            "basis": basis.map { basis -> JSON in
                [
                    "origin": basis.origin.json, "rows": .integer(Int64(basis.rows)),
                    "type": .string(basis.task.rawValue), "words": .string(basis.origin.words),
                ]
            },
            "windows": .array(windows.map(windowJSON)),
            "model": subject.map { .string($0.model) }, "version": subject.map { .integer(Int64($0.version)) },
            "merged": merged.map(partJSON),
        ])
    }

    private func windowJSON(_ window: WindowPerformance) -> JSON {
        .members(
            (window.json.memberList ?? []).map { ($0.key, $0.value) } + [("parts", .array(window.parts.map(partJSON)))])
    }

    private func partJSON(_ part: WindowPerformance.Part) -> JSON {
        let measures = lines(of: part).map { line -> (String, JSON) in
            let measure: JSON = .compact([
                "value": .double(line.estimate.value), "low": (line.estimate.interval?.lowerBound).map(JSON.double),
                "high": (line.estimate.interval?.upperBound).map(JSON.double),
                "expected": (line.expected?.value).map(JSON.double),
                "error_bound": line.estimate.errorBound > 0 ? .double(line.estimate.errorBound) : nil,
            ])
            return (line.metric.name, measure)
        }
        let troubles = part.troubles.sorted { $0.key.rawValue < $1.key.rawValue }
        return .compact([
            "slice": part.slice.json, "words": .string(part.slice.words), "rows": part.rows.map { .integer(Int64($0)) },
            "labelled": .integer(Int64(part.labelled)), "coverage": part.coverage.map(JSON.double),
            "metrics": .members(measures),
            "troubles": troubles.isEmpty
                ? nil : .members(troubles.map { ($0.key.rawValue, .integer(Int64($0.value))) }),
            "calibration": calibration(of: part),
            "classes": classes(of: part),
        ])
    }

    private func calibration(of part: WindowPerformance.Part) -> JSON? {
        guard case .binary(let tally) = part.profile, !tally.calibrationCurve.isEmpty else { return nil }
        return .array(
            tally.calibrationCurve.map { bin -> JSON in
                [
                    "rows": .double(bin.weight), "mean_probability": .double(bin.meanProbability),
                    "positive_rate": .double(bin.positiveRate),
                ]
            })
    }

    private func classes(of part: WindowPerformance.Part) -> JSON? {
        guard case .classes(let tally) = part.profile else { return nil }
        return .array(
            tally.classes.enumerated().map { index, name -> JSON in
                let binary = tally.confusion.binary(index)
                return [
                    "class": .string(name), "rows": .double(binary.positives), "precision": .double(binary.precision),
                    "recall": .double(binary.recall), "f1": .double(binary.fScore()),
                ]
            })
    }
}
