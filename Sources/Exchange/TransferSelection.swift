import Wire

/// What of a source to carry.
struct TransferSelection: Sendable {
    /// Names; nil for all.
    var experiments: Set<String>?
    /// Ids; nil for all of the experiments.
    var onlyRuns: Set<String>?
    /// Names; nil for all.
    var models: Set<String>?

    static let all = TransferSelection()

    var isAll: Bool { experiments == nil && onlyRuns == nil && models == nil }

    func includes(experiment: JSON) -> Bool {
        if isAll { return true }
        if let experiments { return experiments.contains(experiment["name"]?.stringValue ?? "") }
        return onlyRuns != nil
    }

    /// Of runs that are named, the traces that were made within them.
    func includes(trace: JSON) -> Bool {
        guard let onlyRuns else { return true }
        let run = trace["trace_info"]?["trace_metadata"]?[TraceRecord.runKey]?.stringValue
        return run.map(onlyRuns.contains) ?? false
    }

    var includesModels: Bool { isAll || models != nil }

    func includes(model: JSON) -> Bool {
        models?.contains(model["name"]?.stringValue ?? "") ?? true
    }

    /// Those that are linked to experiments that are carried.
    var includesDatasets: Bool { isAll || experiments != nil }
}
