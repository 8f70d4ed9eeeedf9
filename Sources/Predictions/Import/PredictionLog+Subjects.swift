package import Wire

// Finding the predictions that something is about.

extension PredictionLog {
    /// The predictions that each is about, also those that are not in their endpoint's sample.
    /// - Parameter limit: so many predictions at most are found, over all subjects.
    /// - Throws: `PredictionError` 404 that names the first that are about none, 400 when there are too many.
    package func predictions(
        about subjects: [PredictionSubject], limit: Int = 100_000
    ) async throws -> [[PredictionID]] {
        let found = try await found(about: subjects, limit: limit)
        let unknown = zip(subjects, found).filter { $1.isEmpty }.map { $0.0 }
        guard unknown.isEmpty else { throw Self.unknown(unknown) }
        return found
    }

    /// The same; none for what is about no prediction.
    func found(about subjects: [PredictionSubject], limit: Int = 100_000) async throws -> [[PredictionID]] {
        try await settle()
        let found = try await found(subjects, limit: limit)
        guard subjects.reduce(0, { $0 + (found[$1]?.count ?? 0) }) <= limit else { throw Self.tooMany(limit) }
        return subjects.map { found[$0] ?? [] }
    }

    /// From the newest day to the oldest, as far as something is still to be found.
    private func found(
        _ subjects: [PredictionSubject], limit: Int
    ) async throws -> [PredictionSubject: [PredictionID]] {
        var found: [PredictionSubject: [PredictionID]] = [:]
        var open: [PredictionSubject] = []
        let ids = subjects.compactMap { if case .id(let id) = $0 { id } else { nil } }
        let known = try await contexts(of: Set(ids))
        for subject in Set(subjects) {
            if case .id(let id) = subject {
                found[subject] = known[id] == nil ? [] : [id]
            } else {
                open.append(subject)
            }
        }
        var count = 0
        for day in try await partitions.days().reversed() where !open.isEmpty {
            let wanted = open.filter { $0.mayBe(on: day) }
            guard !wanted.isEmpty else { continue }
            let rest = limit - count
            let here =
                try await partitions.ifPresent(day) { try await $0.predictions(about: wanted, limit: rest) }
                ?? [:]
            count += here.values.reduce(0) { $0 + $1.count }
            guard count <= limit else { throw Self.tooMany(limit) }
            for (subject, ids) in here { found[subject, default: []] += ids }
            open.removeAll { $0.isFound(in: found[$0] ?? [], downTo: day) }
        }
        return found
    }

    private static func tooMany(_ limit: Int) -> PredictionError {
        PredictionError(
            .invalidParameterValue, "What was sent is about more than \(limit) predictions.",
            hint: "Nothing was stored. Send less at once, or a smaller 'within_minutes'.")
    }

    static func unknown(_ subjects: [PredictionSubject]) -> PredictionError {
        let names = subjects.prefix(5).map(\.words).joined(separator: ", ")
        let rest = subjects.count > 5 ? " and \(subjects.count - 5) more" : ""
        let areUnits = subjects.contains {
            if case .latest = $0 { true } else if case .all = $0 { true } else { false }
        }
        return PredictionError(
            .doesNotExist,
            areUnits ? "There is no prediction about \(names)\(rest)." : "No prediction has the id \(names)\(rest).",
            hint: "Nothing was stored. Ids are in the header X-Martlet-Prediction-Id of an answer, or those that "
                + "predictions were sent with.")
    }
}

extension PredictionSubject {
    fileprivate func mayBe(on day: PredictionDay) -> Bool {
        switch self {
        case .id: false
        case .external: true
        case .latest(let unit), .all(let unit):
            (PredictionDay(containing: unit.start)...PredictionDay(containing: unit.moment)).contains(day)
        }
    }

    /// Whether earlier days need not be looked at.
    fileprivate func isFound(in ids: [PredictionID], downTo day: PredictionDay) -> Bool {
        switch self {
        case .id: true
        case .external, .latest: !ids.isEmpty
        case .all(let unit): day <= PredictionDay(containing: unit.start)
        }
    }
}
