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

    private var isAll: Bool { experiments == nil && onlyRuns == nil && models == nil }

    func includes(experiment: JSON) -> Bool {
        if isAll { return true }
        if let experiments { return experiments.contains(experiment["name"]?.stringValue ?? "") }
        return onlyRuns != nil
    }

    var includesModels: Bool { isAll || models != nil }

    func includes(model: JSON) -> Bool {
        models?.contains(model["name"]?.stringValue ?? "") ?? true
    }
}
