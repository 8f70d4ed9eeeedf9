import Incidents
import Statistics
import Wire

/// What Evidently or NannyML would say of the columns of a window: their choice of test, their bins, score and threshold, which
/// alone decides. They compare values, so they are given the rows that the window and the reference keep.
struct ToolDrift {
    private let view: WindowView
    private let rule: DriftRule
    /// The columns of the reference.
    private let known: Set<Reference.Column.Key>
    private let former: [Reference.Column.Key: [ColumnValue?]]
    private let current: [Reference.Column.Key: [ColumnValue?]]

    /// Nil while there is nothing to compare with.
    init?(_ view: WindowView, _ rule: DriftRule) {
        guard let reference = view.reference else { return nil }
        self.view = view
        self.rule = rule
        known = Set(reference.columns.map(\.key))
        former = reference.sampledColumns
        current = ReferenceSample(view.record.sample).columns
    }

    /// One for each column that both have.
    var findings: [Finding] {
        view.columns.compactMap { column in
            guard rule.hasOutputs || column.role == .input, rule.minimumEffect(of: column.name) != nil else {
                return nil
            }
            let key = Reference.Column.Key(name: column.name, role: column.role)
            guard known.contains(key) else { return nil }
            // What is masked is known to nobody.
            let former = former[key]?.compactMap(\.self) ?? []
            let current = current[key]?.compactMap(\.self) ?? []
            guard !former.isEmpty, !current.isEmpty else {
                let side = former.isEmpty ? "the reference" : "the window"
                return refusal(column.name, "no rows of \(side) are kept", former.count, current.count)
            }
            return finding(of: column.name, former, current)
        }
    }

    private func finding(of name: String, _ former: [ColumnValue], _ current: [ColumnValue]) -> Finding {
        let (reference, window) = (RawColumn(former), RawColumn(current))
        do {
            let score =
                rule.mode == .nannyml ? try nannyML(reference, window) : try evidently(reference, window)
            guard score.value.isFinite else {
                return refusal(name, "\(score.test) gives no number", former.count, current.count)
            }
            let limit = score.limit.flatMap { $0.isFinite ? $0 : nil }
            let threshold = limit.map { ", threshold \($0.words())" } ?? ""
            return Finding(
                .drift, Finding.driftCode, of: name, in: view.slice,
                verdict: score.isDrifted && view.isJudged ? .bad : .fine, value: score.value, limit: limit,
                measure: score.test, test: score.test, pValue: score.pValue, rows: current.count,
                referenceRows: former.count,
                words: "\(name): \(score.test) \(score.value.words())\(threshold) (\(current.count) sampled rows of "
                    + "\(view.rows) against \(former.count)).",
                details: [
                    "mode": .string(rule.mode.rawValue), "kind": .string(score.kind.rawValue),
                    "reference_missing_share": .double(Self.missingShare(former)),
                    "window_missing_share": .double(Self.missingShare(current)),
                ])
        } catch {
            return refusal(name, "\(error)", former.count, current.count)
        }
    }

    private struct Score {
        let test: String
        let kind: ColumnKind
        let value: Double
        let limit: Double?
        var pValue: Double?
        let isDrifted: Bool
    }

    private func evidently(_ reference: RawColumn, _ window: RawColumn) throws -> Score {
        let drift = try EvidentlyDrift(reference: reference, current: window)
        return Score(
            test: drift.test.rawValue, kind: drift.type == .numerical ? .numeric : .categorical, value: drift.score,
            limit: drift.threshold, pValue: drift.test.isDistance ? nil : drift.score, isDrifted: drift.isDrifted)
    }

    /// The reference is cut into chunks as large as the window where it has several of them: their values decide what is much.
    private func nannyML(_ reference: RawColumn, _ window: RawColumn) throws -> Score {
        let chunks = reference.rows / max(1, window.rows)
        let drift = try NannyMLDrift(reference: reference, chunkRows: chunks >= Self.minimumChunks ? window.rows : nil)
        let verdict = drift.verdict(window)
        let kind: ColumnKind = if case .categories = reference { .categorical } else { .numeric }
        return Score(
            test: verdict.method.rawValue, kind: kind, value: verdict.value, limit: verdict.thresholds.upper,
            isDrifted: verdict.isDrifted)
    }

    /// Fewer chunks make an unsteady threshold; then there are ten.
    static let minimumChunks = 6

    private func refusal(_ name: String, _ reason: String, _ referenceRows: Int, _ rows: Int) -> Finding {
        Finding(
            .drift, Finding.notCompared, of: name, in: view.slice, verdict: .unknown, measure: rule.mode.rawValue,
            rows: rows,
            referenceRows: referenceRows, words: "\(name) is not compared: \(reason).")
    }

    private static func missingShare(_ values: [ColumnValue]) -> Double {
        Double(values.count { $0 == .missing }) / Double(max(1, values.count))
    }
}
