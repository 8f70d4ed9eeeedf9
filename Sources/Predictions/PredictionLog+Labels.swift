package import Wire

// What became known of predictions later.

extension PredictionLog {
    /// Joins labels to their predictions, also to those that are not in their endpoint's sample. A later label for the same
    /// prediction replaces the earlier one.
    /// - Throws: `PredictionError` 404 that names the first ids which no prediction has; nothing is stored then.
    package func label(_ labels: [PredictionLabel]) async throws {
        try await settle()
        try await store(labels, endpoints: knownContexts(of: labels.map(\.id)).mapValues(\.endpoint))
    }

    /// Joins labels to the predictions that they are about. One that is about none keeps no other from being joined; it is
    /// named, and counted against the endpoint that it is of: where it does not say, that of all others in the request.
    /// - Throws: `PredictionError` 404 that names the first ones when none is about a prediction.
    package func join(_ labels: [SentLabel]) async throws -> LabelReceipt {
        let ids = try await found(about: labels.map(\.subject))
        let endpoints = try await contexts(of: Set(ids.joined())).mapValues(\.endpoint)
        let known = zip(labels, ids).flatMap { label, ids in
            ids.map { PredictionLabel(id: $0, value: label.value, time: label.time) }
        }
        try await store(known, endpoints: endpoints)
        let unmatched = labels.indices.filter { ids[$0].isEmpty }
        let joined = labels.indices.compactMap { ids[$0].first.flatMap { endpoints[$0] } }
        let only = Set(joined).count == 1 ? joined.first : nil
        var arrivals: [String: LabelArrivals] = [:]
        for endpoint in joined { arrivals[endpoint, default: LabelArrivals()].joined += 1 }
        for place in unmatched {
            guard let endpoint = labels[place].endpoint ?? only else { continue }
            arrivals[endpoint, default: LabelArrivals()].unmatched += 1
        }
        let (now, noted) = (clock.now, arrivals)
        if !noted.isEmpty {
            try await partitions.with(PredictionDay(containing: now)) { try await $0.note(noted, at: now) }
        }
        guard !known.isEmpty || unmatched.isEmpty else { throw Self.unknown(unmatched.map { labels[$0].subject }) }
        return LabelReceipt(accepted: known.count, unmatched: unmatched.map { ($0, labels[$0].subject) })
    }

    /// How many labels came for an endpoint, in the minutes that begin from one moment until before another, and how many of
    /// these are about no prediction.
    package func labelArrivals(of endpoint: String, from: Timestamp, to: Timestamp) async throws -> LabelArrivals {
        var sum = LabelArrivals()
        for day in try await partitions.days()
        where PredictionDay(containing: from) <= day && day <= PredictionDay(containing: to) {
            let found = try await partitions.ifPresent(day) { try await $0.arrivals(of: endpoint, from: from, to: to) }
            if let found { sum += found }
        }
        return sum
    }

    private func store(_ labels: [PredictionLabel], endpoints: [PredictionID: String]) async throws {
        let days = Dictionary(grouping: labels) { PredictionDay(containing: $0.id.time) }
        for (day, labels) in days.sorted(by: { $0.key < $1.key }) {
            try await partitions.ifPresent(day) { try await $0.label(labels, endpoints: endpoints) }
            noteLabels(of: day)
        }
    }

    /// Tells those who follow labels that some of a day changed.
    func noteLabels(of day: PredictionDay) {
        labelledDays?.insert(day)
        labelled.notify()
    }

    /// Minutes whose labels changed, oldest first, at most so many. They are given again until they are settled.
    package func labelledMinutes(limit: Int) async throws -> [LabelledMinute] {
        try await settle()
        if labelledDays == nil {
            // What an earlier process noted may be in any day.
            labelledDays = Set(try await partitions.days())
        }
        var found: [LabelledMinute] = []
        for day in (labelledDays ?? []).sorted() where found.count < limit {
            let rest = limit - found.count
            // Before it is read: labels that come while it is read put it back.
            labelledDays?.remove(day)
            let minutes = try await partitions.ifPresent(day) { try await $0.labelledMinutes(limit: rest) } ?? []
            if !minutes.isEmpty { labelledDays?.insert(day) }
            found += minutes
        }
        return found
    }

    /// Says that the labels of minutes were looked at as they were when they were given.
    package func settle(_ minutes: [LabelledMinute]) async throws {
        for (day, minutes) in Dictionary(grouping: minutes, by: { PredictionDay(containing: $0.start) }) {
            try await partitions.ifPresent(day) { try await $0.settle(minutes) }
        }
    }

    /// Joins feedback to its prediction.
    /// - Throws: `PredictionError` 404 when no prediction of `endpoint` has the id; 409 when it takes no more.
    package func add(_ feedback: PredictionFeedback, endpoint: String) async throws {
        guard let context = try await contexts(of: [feedback.id])[feedback.id] else {
            throw Self.unknown([feedback.id])
        }
        guard context.endpoint == endpoint else {
            throw PredictionError(
                .doesNotExist,
                "Prediction '\(feedback.id.text)' was answered by endpoint '\(context.endpoint)', not by '\(endpoint)'."
            )
        }
        try await add([feedback])
    }

    /// Joins feedback to predictions which there are, those of a day together or not at all.
    /// - Throws: `PredictionError` 409 when a prediction takes no more.
    package func add(_ feedback: [PredictionFeedback]) async throws {
        let days = Dictionary(grouping: feedback) { PredictionDay(containing: $0.id.time) }
        for (day, feedback) in days.sorted(by: { $0.key < $1.key }) {
            let now = clock.now
            let ids = feedback.map { _ in entropy.sortableID(at: now) }.sorted()
            try await partitions.ifPresent(day) { try await $0.add(feedback, feedbackIDs: ids) }
        }
    }

    /// How predictions came about, also of those that are not in their endpoint's sample.
    /// - Throws: `PredictionError` 404 that names the first ids which no prediction has.
    package func knownContexts(of ids: [PredictionID]) async throws -> [PredictionID: PredictionContext] {
        let known = try await contexts(of: ids)
        let unknown = ids.filter { known[$0] == nil }
        guard unknown.isEmpty else { throw Self.unknown(unknown) }
        return known
    }
}
