package import Web
import Wire

// What tables and pages say of a run's state.

extension RunInfo {
    package var badge: HTML {
        if stage == .deleted { return .badge("deleted", .warning) }
        return status.badge
    }

    /// How long it ran; a dash while it does.
    var took: HTML {
        endTime.map { "\(Quantity.duration(milliseconds: $0.milliseconds(since: startTime)))" } ?? "–"
    }
}

extension RunStatus {
    var badge: HTML {
        switch self {
        case .running: .badge("running", .active)
        case .scheduled: .badge("scheduled", .plain)
        case .finished: .badge("finished", .good)
        case .failed: .badge("failed", .bad)
        case .killed: .badge("killed", .bad)
        }
    }
}
