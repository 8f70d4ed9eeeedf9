import Foundation
import Incidents
import Statistics
import Wire

extension DriftReport {
    /// The report for programs.
    func json(_ names: NameDisplay) -> JSON {
        .compact([
            "reference": ["title": .string(referenceTitle), "rows": .integer(Int64(whole.referenceRows))],
            "current": ["title": .string(currentTitle), "rows": .integer(Int64(whole.currentRows))],
            "mode": .string(mode.rawValue), "limits": limits.json, "drift": .bool(isBad),
            "drifting_columns": .integer(Int64(whole.driftingColumns)),
            "compared_columns": .integer(Int64(whole.columns.count)),
            "columns": .array(whole.columns.map { $0.json(names) }),
            "findings": .array((whole.schema + remarks).map(\.json)),
            "segments": segments.isEmpty
                ? nil
                : .array(segments.enumerated().map { index, segment in segment.json(names, index) }),
        ])
    }
}

extension SliceReport {
    func json(_ names: NameDisplay, _ index: Int) -> JSON {
        let inner = TrafficSlice(segment: title(names, index))
        return [
            "segment": .string(title(names, index)), "reference_rows": .integer(Int64(referenceRows)),
            "current_rows": .integer(Int64(currentRows)), "drifting_columns": .integer(Int64(driftingColumns)),
            "columns": .array(columns.map { $0.within(inner).json(names) }),
            "findings": .array(schema.map { $0.within(inner).json }),
        ]
    }

    /// The segment's name, which holds a value of a column.
    func title(_ names: NameDisplay, _ index: Int) -> String {
        let name = slice.segment ?? slice.words
        guard names == .hidden, let end = name.range(of: " = ") else { return name }
        return name[..<end.upperBound] + "value \(index + 1)"
    }
}

extension Finding {
    fileprivate func within(_ slice: TrafficSlice) -> Finding {
        var finding = self
        finding.slice = slice
        return finding
    }
}

extension ColumnComparison {
    /// The same, said of a slice by another name.
    fileprivate func within(_ slice: TrafficSlice) -> ColumnComparison {
        ColumnComparison(
            name: name, reference: reference, current: current, drift: drift.within(slice),
            quality: quality.map { $0.within(slice) })
    }

    func json(_ names: NameDisplay) -> JSON {
        .compact([
            "name": .string(name), "kind": .string(kind.rawValue), "reference_type": .string(reference.column.type),
            "current_type": .string(current.column.type), "drift": .bool(drift.verdict == .bad),
            "verdict": .string(drift.verdict.rawValue), "effect": drift.value.map(JSON.double),
            "measure": .string(drift.measure), "limit": drift.limit.map(JSON.double),
            "test": drift.test.map(JSON.string), "p_value": drift.pValue.map(JSON.double),
            "adjusted_p_value": drift.adjustedPValue.map(JSON.double),
            "distances": distances.map(\.json), "chunks": drift.details["chunks"],
            "reference": reference.profile.map { ColumnFacts($0).json(names) },
            "current": current.profile.map { ColumnFacts($0).json(names) },
            "findings": quality.isEmpty ? nil : .array(quality.map(\.json)),
        ])
    }

    private var distances: ColumnDistances? {
        guard let before = reference.profile, let after = current.profile else { return nil }
        return ColumnDistances(reference: before, window: after)
    }

    /// The kind that both are compared as.
    var kind: DataColumn.Kind {
        reference.column.kind == .empty ? current.column.kind : reference.column.kind
    }
}

extension ColumnDistances {
    fileprivate var json: JSON {
        JSON.compact([
            "population_stability_index": .double(populationStabilityIndex), "jensen_shannon": .double(jensenShannon),
            "hellinger": .double(hellinger), "total_variation": .double(totalVariation),
            "kolmogorov_smirnov": kolmogorovSmirnov.map(JSON.double), "wasserstein": wasserstein.map(JSON.double),
            "normed_wasserstein": normedWasserstein.map(JSON.double),
        ]).finite
    }
}
