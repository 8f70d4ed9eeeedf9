import Synchronization
package import Wire

/// Something that there may be more of after a commit, such as events. Who waits for it is woken in every server on the
/// database, and looks up itself what there is.
package struct Topic: Sendable, Hashable {
    /// Stable, for servers of different versions tell each other.
    let name: String

    package init(_ name: String) {
        self.name = name
    }
}

/// The signal of each topic in this process.
final class Bulletin: Sendable {
    private let signals = Mutex<[Topic: Signal]>([:])

    func signal(of topic: Topic) -> Signal {
        signals.withLock { signals in
            let signal = signals[topic] ?? Signal()
            signals[topic] = signal
            return signal
        }
    }

    func notify(_ topic: Topic) {
        signals.withLock { $0[topic] }?.notify()
    }

    func notifyAll() {
        for signal in signals.withLock({ Array($0.values) }) { signal.notify() }
    }
}
