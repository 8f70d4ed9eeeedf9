import Incidents
import Wire

// What a slice is compared with where nothing that was chosen tells of it.

extension ReferenceDesk {
    /// The first rows of a slice; kept once there are enough of them, those of the window included. A window that may hold some of
    /// them is not compared with itself, whenever it is judged: nil then.
    /// - Parameter chosen: what the monitor chose for the lane.
    func baseline(
        of slice: TrafficSlice, in window: TrafficWindow, chosen: Reference?, rows: Int, _ monitor: Monitor,
        _ shelf: inout Shelf
    ) async throws -> Reference? {
        if let kept = shelf.baselines[slice] { return kept.isApart(from: window) ? kept : nil }
        let baseline = Baseline(monitor: monitor.name, slice: slice)
        if let kept = try await references.kept(baseline) {
            shelf.baselines[slice] = kept
            shelf.lacking[slice] = nil
            return kept.isApart(from: window) ? kept : nil
        }
        if let lacking = shelf.lacking[slice], lacking > rows {
            shelf.lacking[slice] = lacking - rows
            return nil
        }
        let record = try await windows.merged(
            slice: slice, from: chosen?.since ?? Timestamp(milliseconds: 0), upTo: window)
        shelf.lacking[slice] = max(1, Baseline.minimumRows - (record?.keptRows ?? 0))
        guard let record, record.keptRows >= Baseline.minimumRows else { return nil }
        let settled = try await settled(record, of: slice, by: chosen, monitor)
        if let made = baseline.reference(of: settled, at: clock.now) { try await references.keep(made) }
        return nil
    }

    /// A record whose columns that wait are sorted into cells that windows to come have, too: those of the reference, those that
    /// production gave, or else those that these rows give now.
    private func settled(
        _ record: WindowRecord, of slice: TrafficSlice, by chosen: Reference?, _ monitor: Monitor
    ) async throws -> WindowRecord {
        guard let model = slice.model, let version = slice.version else { return record }
        var record = record
        if let chosen { record.settle(by: chosen.anchors) }
        let made = record.ripeAnchors
        guard !made.inputs.isEmpty || !made.outputs.isEmpty else { return record }
        record.settle(by: try await windows.fix(made, of: monitor.name, model: model, version: version))
        return record
    }
}
