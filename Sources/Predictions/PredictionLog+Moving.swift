import Logging
import NIOPosix
import Wire

// From the journal into the store, and to observers.

/// The predictions of a portion of the journal.
struct TakenPortion: Sendable {
    let portion: PredictionJournal.Portion
    let predictions: [Prediction]
}

extension PredictionLog {
    /// Returns once everything that is in the journal now is in the store.
    func settle() async throws {
        let end = journal.progress.written
        while journal.progress.stored < end {
            // It clears its own place, so that nobody waits for one that has ended.
            let task =
                moving
                ?? Task {
                    defer { moving = nil }
                    try await move()
                }
            moving = task
            try await task.value
        }
    }

    func moveAll() async {
        do {
            try await settle()
        } catch {
            logger.error("Predictions stay in the journal for now: \(error)")
        }
        tellObservers()
    }

    /// Moves all lines there are, a few megabytes at a time, each day in one transaction.
    private func move() async throws {
        let journal = journal
        while let portion = try await NIOThreadPool.singleton.runIfActive({ try journal.unstored() }) {
            let predictions = predictions(of: portion)
            for (day, predictions) in Self.days(of: predictions) {
                try await partitions.with(day) { try await $0.add(predictions) }
            }
            journal.markStored(portion)
            if observers.isEmpty {
                journal.markObserved(portion)
            } else {
                taken = TakenPortion(portion: portion, predictions: predictions)
                tellObservers()
            }
        }
    }

    /// Ids, and with them moments, grow from line to line: nearly always there is one day.
    private static func days(of predictions: [Prediction]) -> [PredictionDay: [Prediction]] {
        guard let first = predictions.first, let last = predictions.last else { return [:] }
        let day = PredictionDay(containing: first.time)
        if day == PredictionDay(containing: last.time) { return [day: predictions] }
        return Dictionary(grouping: predictions) { PredictionDay(containing: $0.time) }
    }

    /// A line that is no prediction is passed over: it must not keep those after it from being stored.
    private func predictions(of portion: PredictionJournal.Portion) -> [Prediction] {
        portion.lines.split(separator: UInt8(ascii: "\n")).flatMap { line -> [Prediction] in
            do {
                return try JournalLine.predictions(of: line)
            } catch {
                logger.error("A line of the prediction journal is passed over: \(error)")
                return []
            }
        }
    }

    // MARK: Observers

    /// Returns once observers were told of everything that is in the journal now.
    /// - Throws: `PredictionError` 503 when one of them fails; it is told again.
    package func settleObservers() async throws {
        try await settle()
        let end = journal.progress.stored
        while !observers.isEmpty, journal.progress.observed < end {
            let before = journal.progress.observed
            tellObservers()
            await telling?.value
            guard journal.progress.observed > before else {
                throw PredictionError(
                    .unavailable, "What was predicted last has not been counted yet.", retryAfterSeconds: 1)
            }
        }
    }

    private func tellObservers() {
        guard telling == nil, !observers.isEmpty else { return }
        telling = Task {
            defer { telling = nil }
            await tell()
        }
    }

    /// Tells observers of all that is in the store, until one of them fails.
    private func tell() async {
        do {
            while let next = try await nextUnobserved() {
                do {
                    for observer in observers { try await observer.observe(next.predictions) }
                } catch  where journal.leavesObserversBehind {
                    let count = next.predictions.count
                    logger.error("\(count) predictions are not told to their observers, which fail: \(error)")
                }
                journal.markObserved(next.portion)
            }
        } catch {
            logger.error("The observers of predictions are told again: \(error)")
        }
    }

    private func nextUnobserved() async throws -> TakenPortion? {
        let observed = journal.progress.observed
        if let taken, taken.portion.start <= observed {
            self.taken = nil
            if taken.portion.start == observed { return taken }
        }
        let journal = journal
        guard let portion = try await NIOThreadPool.singleton.runIfActive({ try journal.unobserved() }) else {
            return nil
        }
        return TakenPortion(portion: portion, predictions: predictions(of: portion))
    }
}
