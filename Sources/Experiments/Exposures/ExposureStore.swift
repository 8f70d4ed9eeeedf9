package import Database
package import Events
package import Predictions
package import Wire

/// Which experiments there are, and which unit met which arm, once per unit and experiment.
package struct ExposureStore: Sendable {
    private let database: Database
    private let events: EventLog
    private let clock: WallClock

    package init(database: Database, events: EventLog, clock: WallClock) {
        self.database = database
        self.events = events
        self.clock = clock
    }

    // MARK: Experiments

    /// Says that an experiment or a bandit is what its endpoint runs now, and with which shares. Saying it again changes
    /// nothing; other shares start a period; one that is new is an event.
    package func declare(_ experiment: OnlineExperiment, shares: Shares, by actor: String) async throws {
        let id = experiment.id.text
        let weights = JSON.array(experiment.arms.map { .double(shares.probability(of: $0)) }).text
        let spec = experiment.declaration.text
        let arms = JSON.strings(experiment.arms).text
        try await database.write { transaction in
            let known = try transaction.row("SELECT spec, arms FROM online_experiments WHERE id = \(id)")
            let isSame = try known.map { try $0.get(0) == spec && $0.get(1) == arms }
            let newest: String? = try transaction.value(
                """
                SELECT id FROM online_experiments WHERE endpoint = \(experiment.id.endpoint)
                ORDER BY declared DESC, id LIMIT 1
                """)
            if newest != id || isSame != true {
                let kind = known == nil ? "experiment.declared" : "experiment.changed"
                let time = try events.append(
                    Change(
                        by: actor, kind, of: "endpoints/\(experiment.id.endpoint)/experiment",
                        ["experiment": .string(id), "arms": .strings(experiment.arms), "spec": experiment.declaration]),
                    in: transaction)
                try transaction.execute(
                    """
                    INSERT INTO online_experiments (id, endpoint, arms, spec, declared)
                    VALUES (\(id), \(experiment.id.endpoint), \(arms), \(spec), \(time))
                    ON CONFLICT (id) DO UPDATE SET arms = excluded.arms, spec = excluded.spec,
                        declared = excluded.declared
                    """)
            }
            let last: String? = try transaction.value(
                "SELECT shares FROM experiment_periods WHERE experiment = \(id) ORDER BY start DESC LIMIT 1")
            guard last != weights else { return }
            try transaction.execute(
                """
                INSERT INTO experiment_periods (experiment, start, shares) VALUES (\(id), \(clock.now), \(weights))
                ON CONFLICT (experiment, start) DO UPDATE SET shares = excluded.shares
                """)
        }
    }

    /// What the endpoint runs now; nil when it never ran an experiment or a bandit.
    package func current(of endpoint: String) async throws -> OnlineExperiment? {
        try await database.read { reader in
            try reader.row(
                """
                SELECT id, arms, spec FROM online_experiments WHERE endpoint = \(endpoint)
                ORDER BY declared DESC, id LIMIT 1
                """)
        }
    }

    /// - Throws: `ExperimentError` 404 when there is none of that id.
    package func experiment(_ id: String) async throws -> OnlineExperiment {
        let found = try await database.read { reader in
            try reader.row(
                "SELECT id, arms, spec FROM online_experiments WHERE id = \(id)", as: OnlineExperiment.self)
        }
        guard let found else { throw ExperimentError(.doesNotExist, "There is no experiment '\(id)'.") }
        return found
    }

    /// Oldest first.
    package func periods(of id: ExperimentID) async throws -> [ExperimentPeriod] {
        try await database.read { reader in
            try reader.rows("SELECT start, shares FROM experiment_periods WHERE experiment = \(id.text) ORDER BY start")
        }
    }

    // MARK: Verdicts

    /// The verdict that was recorded last.
    package func recordedVerdict(of id: ExperimentID) async throws -> JSON? {
        let found = try await database.read { reader in
            try reader.row("SELECT verdict FROM online_experiments WHERE id = \(id.text) AND verdict IS NOT NULL")
        }
        return try found.map { try $0.get(0) }
    }

    /// Keeps a decision with an event, once: only the first of several servers gets true.
    package func record(_ verdict: ExperimentVerdict, of id: ExperimentID) async throws -> Bool {
        try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE online_experiments SET verdict = \(verdict.json.text), decided = \(clock.now)
                WHERE id = \(id.text) AND decided IS NULL
                """)
            guard changed == 1 else { return false }
            try events.append(
                Change(
                    by: "experiment", "experiment.decided", of: "endpoints/\(id.endpoint)/experiment",
                    ["experiment": .string(id.text), "verdict": verdict.json]), in: transaction)
            return true
        }
    }

    // MARK: Exposures

    /// Adds whom predictions exposed to which arm. A prediction that asked for its variant by name is no exposure. Adding a
    /// prediction twice changes nothing.
    package func expose(_ predictions: [Prediction]) async throws {
        let exposures = predictions.compactMap { prediction -> Exposure? in
            guard prediction.propensity != nil, let experiment = prediction.experiment else { return nil }
            return Exposure(
                experiment: experiment, unit: Self.unit(prediction.unit, of: prediction.id, in: experiment),
                variant: prediction.variant, time: prediction.time)
        }
        try await add(exposures + (try await ofRollouts(predictions)))
    }

    /// Predictions of rollouts whose guardrails count those without a reward, too: each is one of its own.
    private func ofRollouts(_ predictions: [Prediction]) async throws -> [Exposure] {
        let all = predictions.compactMap { prediction -> Exposure? in
            guard let part = prediction.rollout.flatMap(RolloutPart.init), (prediction.id.row ?? 0) == 0 else {
                return nil
            }
            return Exposure(
                experiment: ExperimentID.rollout(part.rollout, of: prediction.endpoint).text,
                unit: prediction.id.request, variant: part.arm.rawValue, time: prediction.time)
        }
        guard !all.isEmpty else { return [] }
        let rollouts = Array(Set(all.map(\.experiment)))
        let counting = try await database.read { reader in
            try reader.values(
                """
                SELECT DISTINCT experiment FROM guardrail_tests
                WHERE last_try IS NOT NULL AND experiment IN \(list: rollouts)
                """, as: String.self)
        }
        return all.filter { counting.contains($0.experiment) }
    }

    /// Whom an experiment counts a prediction for: the unit, or the request itself where nobody said, and always in a
    /// bandit, which chooses anew for each request.
    static func unit(_ unit: String?, of id: PredictionID, in experiment: String) -> String {
        ExperimentID(experiment)?.kind == .bandit ? id.request : unit ?? id.request
    }

    /// For the prediction log.
    package var observer: PredictionObserver {
        PredictionObserver(name: "experiments") { try await expose($0.predictions) }
    }

    package func add(_ exposures: [Exposure]) async throws {
        guard !exposures.isEmpty else { return }
        var firsts: [String: (exposure: Exposure, crossed: Bool)] = [:]
        for exposure in exposures {
            let key = "\(exposure.experiment)\n\(exposure.unit)"
            guard let first = firsts[key] else {
                firsts[key] = (exposure, false)
                continue
            }
            if first.exposure.variant != exposure.variant { firsts[key] = (first.exposure, true) }
        }
        let rows = firsts.values.map { first, crossed -> [SQLValue] in
            [
                .text(first.experiment), .text(first.unit), .text(first.variant), first.time.sqlValue,
                .integer(crossed ? 1 : 0),
            ]
        }
        try await database.write { transaction in
            try transaction.insert(
                into: "exposures (experiment, unit, variant, time, crossed)", rows: rows,
                """
                ON CONFLICT (experiment, unit) DO UPDATE SET crossed = 1
                WHERE exposures.crossed = 0 AND (exposures.variant <> excluded.variant OR excluded.crossed = 1)
                """)
        }
    }

    /// The arms that units met first; units that met none are missing.
    package func exposures(of units: [String], in id: ExperimentID) async throws -> [String: Exposure] {
        try await database.read { reader in
            var found: [String: Exposure] = [:]
            for start in stride(from: 0, to: units.count, by: 500) {
                let some = units[start..<min(start + 500, units.count)]
                try reader.forEachRow(
                    """
                    SELECT unit, variant, time FROM exposures
                    WHERE experiment = \(id.text) AND unit IN \(list: some)
                    """
                ) { row in
                    let unit: String = try row.get(0)
                    found[unit] = Exposure(
                        experiment: id.text, unit: unit, variant: try row.get(1), time: try row.get(2))
                }
            }
            return found
        }
    }
}
