import Incidents
import Statistics
import Wire

extension Finding {
    /// What another tool would say of a column, from all of its values.
    /// - Throws: nothing: what the tool refuses is a finding, too.
    static func drift(
        of name: String, _ reference: RawColumn, _ current: RawColumn, by mode: DriftMode, in slice: TrafficSlice
    ) -> Finding {
        do {
            return mode == .nannyml
                ? try nannyML(name, reference, current, slice) : try evidently(name, reference, current, slice)
        } catch {
            return .notCompared(
                name, in: slice, because: "\(error)", rows: current.rows, referenceRows: reference.rows)
        }
    }

    private static func evidently(
        _ name: String, _ reference: RawColumn, _ current: RawColumn, _ slice: TrafficSlice
    ) throws -> Finding {
        let drift = try EvidentlyDrift(reference: reference, current: current)
        let measure = drift.test.rawValue
        guard drift.score.isFinite else {
            return .notCompared(
                name, in: slice, because: "\(measure) gives no number", rows: current.rows,
                referenceRows: reference.rows)
        }
        return Finding(
            .drift, "drift", of: name, in: slice, verdict: drift.isDrifted ? .bad : .fine, value: drift.score,
            limit: drift.threshold, measure: measure, test: measure, pValue: drift.test.isDistance ? nil : drift.score,
            rows: current.rows, referenceRows: reference.rows,
            words: "\(name): \(measure) \(drift.score.words), threshold \(drift.threshold.words).")
    }

    /// The current table is cut as the reference is; the worst chunk is told of.
    private static func nannyML(
        _ name: String, _ reference: RawColumn, _ current: RawColumn, _ slice: TrafficSlice
    ) throws -> Finding {
        let drift = try NannyMLDrift(reference: reference)
        let verdicts = NannyMLDrift.chunks(rows: current.rows).map { drift.verdict(current[$0]) }
        let values = verdicts.filter { $0.value.isFinite }
        guard let worst = values.max(by: { $0.value < $1.value }) else {
            return .notCompared(
                name, in: slice, because: "no chunk of it has a value", rows: current.rows,
                referenceRows: reference.rows)
        }
        let alarms = verdicts.count { $0.isDrifted }
        let upper = worst.thresholds.upper.flatMap { $0.isFinite ? $0 : nil }
        return Finding(
            .drift, "drift", of: name, in: slice, verdict: alarms > 0 ? .bad : .fine, value: worst.value, limit: upper,
            measure: worst.method.rawValue, test: worst.method.rawValue, rows: current.rows,
            referenceRows: reference.rows,
            words: "\(name): \(alarms) of \(verdicts.count) chunks alarm, the worst with \(worst.value.words).",
            details: [
                "chunks": .array(
                    verdicts.map { verdict in
                        [
                            "value": verdict.value.isFinite ? .double(verdict.value) : .null,
                            "alarm": .bool(verdict.isDrifted),
                        ]
                    })
            ])
    }
}
