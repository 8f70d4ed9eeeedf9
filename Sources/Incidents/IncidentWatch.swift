package import Logging
import ServiceLifecycle
import Wire

/// Looks after what time alone brings about: silences that end while their alerts are open, Alertmanagers that forget what they
/// do not hear of again, disks that fill; and writes down what is told of workers that crashed.
package struct IncidentWatch: Service {
    private let alerts: AlertStore
    private let courier: Courier
    private let crashes: AsyncStream<WorkerCrash>
    private let freeShare: @Sendable () -> Double?
    private let logger: Logger

    /// Alertmanager drops an alert after five minutes without a word (`AlertmanagerMessages.validity`).
    private static let pause = Duration.seconds(60)

    /// A disk with a smaller free share than this is worth a line on time lines, and another once more than `freeAbove` is
    /// free again: not one for every file that comes and goes in between.
    static let fullBelow = 0.1
    static let freeAbove = 0.12

    /// - Parameters:
    ///   - crashes: what is told of processes of models that ended.
    ///   - freeShare: how much of the disk with the data is free, from 0 to 1; nil when nobody knows.
    package init(
        alerts: AlertStore, courier: Courier, crashes: AsyncStream<WorkerCrash>,
        freeShare: @escaping @Sendable () -> Double?, logger: Logger
    ) {
        self.alerts = alerts
        self.courier = courier
        self.crashes = crashes
        self.freeShare = freeShare
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await noteCrashes() }
                group.addTask { await look() }
                // By itself: a receiver that takes its time keeps nobody from the rest.
                group.addTask { await remind() }
            }
        }
    }

    private func noteCrashes() async {
        for await crash in crashes {
            await trying { try await alerts.incidents.note(.workerCrashed, at: crash.endpoint, crash.words) }
        }
    }

    private func look() async {
        var isFull = false
        while !Task.isCancelled {
            await trying { _ = try await alerts.raiseUnsilenced() }
            let free = freeShare()
            if let free, isFull ? free > Self.freeAbove : free < Self.fullBelow {
                isFull.toggle()
                let percent = Int((100 * free).rounded(.down))
                let words = "\(percent) % of the disk with the data \(percent == 1 ? "is" : "are") free."
                await trying { try await alerts.incidents.note(.disk, words) }
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func remind() async {
        while !Task.isCancelled {
            await trying { try await courier.remind() }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func trying(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch is CancellationError {
            return
        } catch {
            let reason = (error as? any Problem)?.description ?? "\(error)"
            logger.warning("Incidents are not looked after for now: \(reason)")
        }
    }
}

/// A process of a model that ended though nobody wanted it.
package struct WorkerCrash: Sendable, Hashable {
    /// A sentence.
    package let words: String
    /// Whom it answered for; nil when nobody knows.
    package let endpoint: String?

    package init(words: String, endpoint: String?) {
        self.words = words
        self.endpoint = endpoint
    }
}
