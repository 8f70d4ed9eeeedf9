import Wire

// Predictions that were made elsewhere. They go the way of all others, through the journal; what is here already is left out
// before it, so that observers are told of each once.

extension PredictionLog {
    /// Takes those that are not here yet.
    /// - Throws: `PredictionError` 503 when too many wait, or the log cannot keep up; what cannot be written.
    func take(_ batch: ImportBatch, policies: [String: LogPolicy]) async throws -> ImportReceipt {
        guard !batch.predictions.isEmpty else { return ImportReceipt() }
        do {
            // One after the other: between the look at what is here and the writing nothing may come.
            try await imports.enter()
        } catch let crowd as Turnstile.Crowded {
            throw PredictionError(
                .unavailable, "\(crowd.waiting) requests wait to add their predictions.",
                hint: "Send larger batches, a few at a time.", retryAfterSeconds: 1)
        }
        defer { imports.leave() }
        try await settle()
        var (fresh, receipt) = Self.sift(batch, try await known(batch))
        guard let largest = fresh.map(\.number).max() else { return receipt }
        var writer = JSONWriter()
        var durability = LogPolicy.Durability.process
        for entry in fresh {
            let policy = policies[entry.sent.endpoint] ?? .standard
            if policy.durability == .disk { durability = .disk }
            JournalLine.write(entry, of: batch, policy, to: &writer)
            let moment = entry.sent.time ?? batch.received
            if batch.received.milliseconds - moment.milliseconds > Prediction.lateAfterMs { receipt.late += 1 }
        }
        try await journal.append(lines: writer.bytes, largest: largest, durability: durability)
        receipt.accepted = fresh.count
        return receipt
    }

    /// Which of a batch are in the store.
    private func known(_ batch: ImportBatch) async throws -> KnownPredictions {
        let today = PredictionDay(containing: batch.received)
        var byDay: [PredictionDay: [ImportBatch.Entry]] = [:]
        for entry in batch.predictions {
            byDay[PredictionDay(containing: entry.sent.time ?? batch.received), default: []].append(entry)
        }
        // What has a name and no time may have been sent before midnight.
        let timeless = batch.predictions.filter { $0.sent.time == nil && $0.sent.externalID != nil }
        if !timeless.isEmpty { byDay[today.before, default: []] += timeless }
        var known = KnownPredictions()
        for (day, entries) in byDay {
            let found = try await partitions.ifPresent(day) { try await $0.known(entries) }
            if let found { known.formUnion(found) }
        }
        return known
    }

    /// Tells apart what is new, what is here already, and what has the name of another.
    private static func sift(
        _ batch: ImportBatch, _ known: KnownPredictions
    ) -> (fresh: [ImportBatch.Entry], receipt: ImportReceipt) {
        var known = known
        var fresh: [ImportBatch.Entry] = []
        var receipt = ImportReceipt()
        for entry in batch.predictions {
            let number = entry.number.text
            let name = entry.sent.externalName
            let day = PredictionDay(containing: entry.sent.time ?? batch.received)
            if let name, let other = known.byName[name]?.last(where: { entry.sent.time == nil || $0.day == day }) {
                if entry.sent.time == nil || other.request == number {
                    receipt.duplicates += 1
                } else {
                    receipt.refuse(
                        RefusedLine(
                            "'prediction_id' \(JSON.string(name.id).excerpt(80)) is that of p-\(other.request), which has "
                                + "another time of that day", line: entry.line))
                }
                continue
            }
            guard known.requests.insert(number).inserted else {
                receipt.duplicates += 1
                continue
            }
            if let name { known.byName[name, default: []].append(.init(request: number, day: day)) }
            fresh.append(entry)
        }
        return (fresh, receipt)
    }
}

/// What others call a prediction.
struct ExternalName: Sendable, Hashable {
    let endpoint: String
    let id: String
}

extension SentPrediction {
    var externalName: ExternalName? {
        externalID.map { ExternalName(endpoint: endpoint, id: $0) }
    }
}

/// Predictions that the store has of those that are sent.
struct KnownPredictions: Sendable {
    struct Named: Sendable, Hashable {
        let request: String
        let day: PredictionDay
    }

    var requests: Set<String> = []
    var byName: [ExternalName: [Named]] = [:]

    mutating func formUnion(_ other: KnownPredictions) {
        requests.formUnion(other.requests)
        byName.merge(other.byName, uniquingKeysWith: +)
    }
}
