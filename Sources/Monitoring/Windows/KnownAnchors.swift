import Statistics
import Synchronization

/// Anchors that were read before, by their names, which no others ever have: each window of forty columns rests on forty of them,
/// the same ones again and again.
final class KnownAnchors: Sendable {
    private struct State {
        var anchors: [UInt64: FixedAnchors] = [:]
        var bytes = 0
    }

    private let state = Mutex(State())
    /// What all of them may weigh. When there are more, they are read anew.
    private static let maximumBytes = 64 << 20

    subscript(id: UInt64) -> FixedAnchors? { state.withLock { $0.anchors[id] } }

    func note(_ anchors: FixedAnchors) {
        state.withLock { state in
            guard state.anchors[anchors.id] == nil else { return }
            if state.bytes > Self.maximumBytes { state = State() }
            state.anchors[anchors.id] = anchors
            state.bytes += anchors.anchors.sizeBytes
        }
    }
}
