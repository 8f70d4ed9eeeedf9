import Logging
import NIOPosix
import Wire

// From the journal into the store, and to observers.

/// The predictions of a portion of the journal.
struct TakenPortion: Sendable {
    let portion: PredictionJournal.Portion
    let group: PredictionGroup
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

    /// Moves the lines there are now, a few megabytes at a time, each day in one transaction. What comes meanwhile waits for the
    /// next time: a transaction for every few would take longer.
    private func move() async throws {
        let journal = journal
        let end = journal.progress.written
        while journal.progress.stored < end,
            let portion = try await NIOThreadPool.singleton.runIfActive({ try journal.unstored() })
        {
            let group = group(of: portion)
            for (day, predictions) in Self.days(of: group.predictions) {
                try await partitions.with(day) { try await $0.add(predictions) }
                if predictions.contains(where: { $0.label != nil }) { noteLabels(of: day) }
            }
            journal.markStored(portion)
            if observers.isEmpty {
                journal.markObserved(portion)
            } else {
                keep(TakenPortion(portion: portion, group: group))
                tellObservers()
            }
        }
    }

    /// Keeps what observers are told next, as long as there is room.
    private func keep(_ portion: TakenPortion) {
        let size = taken.reduce(portion.portion.byteCount) { $0 + $1.portion.byteCount }
        if taken.isEmpty || size <= Self.takenBytes { taken.append(portion) }
    }

    private static let takenBytes = 2 * PredictionJournal.portionBytes

    /// Nearly always there is one day. What was made elsewhere comes in any order of time.
    private static func days(of predictions: [Prediction]) -> [PredictionDay: [Prediction]] {
        guard let first = predictions.first else { return [:] }
        let day = PredictionDay(containing: first.time)
        if predictions.allSatisfy({ PredictionDay(containing: $0.time) == day }) { return [day: predictions] }
        return Dictionary(grouping: predictions) { PredictionDay(containing: $0.time) }
    }

    /// A line that is no prediction is passed over: it must not keep those after it from being stored.
    private func group(of portion: PredictionJournal.Portion) -> PredictionGroup {
        let newline = UInt8(ascii: "\n")
        let lines = portion.lines.split(separator: newline, omittingEmptySubsequences: false).dropLast()
        let predictions = lines.map { line -> (predictions: [Prediction], byteCount: Int) in
            do {
                return (try JournalLine.predictions(of: line), line.count + 1)
            } catch {
                logger.error("A line of the prediction journal is passed over: \(error)")
                return ([], line.count + 1)
            }
        }
        return PredictionGroup(
            source: source, lines: predictions, numbers: portion.numbers, from: portion.start, to: portion.end)
    }

    // MARK: Observers

    /// Returns once observers were told of everything that is in the journal now and what they made of it is durable.
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
        for observer in observers { try await observer.settle() }
    }

    /// Lets observers make durable what they hold back.
    /// - Returns: whether all of them could.
    func haveObserversSettled() async -> Bool {
        do {
            for observer in observers { try await observer.settle() }
            return true
        } catch {
            logger.error("What was predicted last is counted after the next start: \(error)")
            return false
        }
    }

    /// Tells observers where the log goes on, so that they can do what is due by the clock before anything comes.
    func announce() async {
        let place = journal.progress.observed
        let nothing = PredictionGroup(source: source, lines: [], from: place, to: place)
        for observer in observers {
            do {
                try await observer.observe(nothing)
            } catch {
                logger.warning("The observer '\(observer.name)' begins with the next prediction: \(error)")
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
                let isLastOfSegment = next.portion.start.segment < next.portion.end.segment
                do {
                    for observer in observers {
                        try await observer.observe(next.group)
                        if isLastOfSegment { try await observer.settle() }
                    }
                } catch  where journal.leavesObserversBehind {
                    let count = next.group.predictions.count
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
        while let first = taken.first, first.portion.start <= observed {
            taken.removeFirst()
            if first.portion.start == observed { return first }
        }
        let (journal, next) = (journal, taken.first?.portion.start)
        let read = try await NIOThreadPool.singleton.runIfActive { try journal.unobserved(upTo: next) }
        guard let portion = read else {
            // What was stored while this was found out is told by who is at it: nobody else has begun.
            return journal.progress.observed < journal.progress.stored ? try await nextUnobserved() : nil
        }
        return TakenPortion(portion: portion, group: group(of: portion))
    }
}
