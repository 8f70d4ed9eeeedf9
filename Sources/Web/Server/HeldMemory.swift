import Synchronization
import Wire

/// The memory that bodies take, and what was read from them, in all calls together. Without it a few dozen large bodies at
/// once would take more than the machine has.
package final class HeldMemory: Sendable {
    private let limit: Int
    private let held = Mutex(0)

    /// - Parameter limit: in bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// The share of one call. What it takes is given back when nobody has the share any more.
    func share() -> Share { Share(of: self) }

    final class Share: Sendable {
        private let memory: HeldMemory
        private let taken = Mutex(0)

        fileprivate init(of memory: HeldMemory) {
            self.memory = memory
        }

        deinit {
            let bytes = taken.withLock(\.self)
            memory.held.withLock { $0 -= bytes }
        }

        /// A share beside this one, of something that the call does not hold until its end.
        func another() -> Share { Share(of: memory) }

        /// - Throws: `WebError` 503 when the requests under way hold too much already.
        func take(_ bytes: Int) throws {
            let fits = memory.held.withLock { held in
                guard held + bytes <= memory.limit else { return false }
                held += bytes
                return true
            }
            guard fits else { throw WebError.busy(heldBytes: memory.limit) }
            taken.withLock { $0 += bytes }
        }
    }
}
