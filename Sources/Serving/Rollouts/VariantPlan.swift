/// What to do next about the versions of one variant. A pure function of what is wanted, what is loaded and what has
/// happened; asked again after every step until it says `keep`.
enum VariantPlan: Sendable, Equatable {
    /// All is as it should be.
    case keep
    /// Load this version and let it answer for the variant.
    case deploy(String, Recording)
    /// Load this version beside the one that answers and give it a share.
    case tryOut(String)
    /// Let the version that is tried out answer for the variant.
    case promoteCandidate
    /// Let go of the version that is tried out.
    case dropCandidate

    /// Whether a deployment belongs into the history.
    enum Recording: Sendable, Equatable {
        case recorded
        /// It restores what the history says already.
        case unrecorded
    }

    /// What is loaded for the variant.
    struct Place: Sendable, Equatable {
        /// The version that answers.
        var stable: String?
        /// The version that is tried out beside it.
        var candidate: String?
    }

    /// - Parameters:
    ///   - wanted: the version that the manifest's reference means at this moment.
    ///   - history: the variant's rollouts, newest first.
    ///   - isGradual: whether new versions are tried out in steps.
    static func next(wanted: String, place: Place, history: [Rollout], isGradual: Bool) -> VariantPlan {
        let latest = history.first { $0.to == wanted && $0.state != .superseded }
        let answered = history.first { $0.state == .promoted }?.to
        switch latest?.state {
        case .rolledBack?:
            return settle(on: answered ?? latest?.from ?? wanted, place)
        case .promoted? where place.candidate == wanted:
            return .promoteCandidate
        case .running? where place.stable == nil:
            // After a restart half-way.
            return .deploy(latest?.from ?? wanted, .unrecorded)
        default: break
        }
        if place.stable == wanted { return place.candidate == nil ? .keep : .dropCandidate }
        guard place.stable != nil else { return first(wanted, answered: answered, isGradual: isGradual) }
        // Another server has been through with it.
        if answered == wanted { return place.candidate == nil ? .deploy(wanted, .unrecorded) : .dropCandidate }
        guard isGradual else { return place.candidate == nil ? .deploy(wanted, .recorded) : .dropCandidate }
        switch place.candidate {
        case nil: return .tryOut(wanted)
        case wanted?: return latest?.state == .running ? .keep : .dropCandidate
        case _?: return .dropCandidate
        }
    }

    /// The version to answer after a rollback is the one from before.
    private static func settle(on version: String, _ place: Place) -> VariantPlan {
        if place.candidate != nil { return .dropCandidate }
        return place.stable == version ? .keep : .deploy(version, .unrecorded)
    }

    /// Nothing is loaded: what answered before a restart comes first when a new version is to be tried out beside it.
    private static func first(_ wanted: String, answered: String?, isGradual: Bool) -> VariantPlan {
        if answered == wanted { return .deploy(wanted, .unrecorded) }
        if let answered, isGradual { return .deploy(answered, .unrecorded) }
        return .deploy(wanted, .recorded)
    }
}
