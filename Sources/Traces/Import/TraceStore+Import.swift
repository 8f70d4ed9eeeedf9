import Database
import Events
package import Tracking
import Wire

extension TraceStore {
    /// Brings in traces of another server under their ids, in one transaction. What a trace here lacks is added; what it
    /// says otherwise stays. Doing it again changes nothing.
    /// - Throws: `TrackingError` for an experiment that is not here.
    package func adopt(_ traces: [ImportedTrace], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            let outcomes = try traces.map { try Self.adopt($0, in: transaction) }
            let new = zip(traces, outcomes).filter { $1.effect == .created }
            for (experiment, traces) in Dictionary(grouping: new, by: { $0.0.info.experimentID }) {
                try events.append(
                    Change(
                        by: actor, "traces.imported", of: "experiments/\(experiment.text)",
                        ["traces": .integer(Int64(traces.count))]), in: transaction)
            }
            return outcomes
        }
    }

    private static func adopt(_ imported: ImportedTrace, in transaction: Transaction) throws -> ImportOutcome {
        let wanted = imported.info
        let experiment = try ExperimentStore.experiment(wanted.experimentID, in: transaction)
        let added = try transaction.execute(
            """
            INSERT INTO traces (trace_id, experiment_id, request_time, duration_ms, state, client_request_id,
                request_preview, response_preview, is_final)
            VALUES (\(wanted.id), \(experiment.id), \(wanted.requestTime), \(wanted.durationMs), \(wanted.state),
                \(wanted.clientRequestID), \(wanted.requestPreview), \(wanted.responsePreview), 1)
            ON CONFLICT (trace_id) DO NOTHING
            """)
        let place = wanted.place(in: experiment)
        let known = try info(wanted.id, in: transaction)
        try add(wanted.ownTags + place, to: wanted.id, in: "trace_tags", transaction)
        try add(wanted.metadata, to: wanted.id, in: "trace_metadata", transaction)
        try note(wanted.metadata, of: wanted.id, in: transaction)
        let assessed = Set(known.assessments.map(\.id))
        for assessment in wanted.assessments where !assessed.contains(assessment.id) {
            try save(assessment, in: transaction)
        }
        try transaction.insert(
            into: "trace_prompts (trace_id, prompt)",
            rows: imported.prompts.map { [wanted.id.sqlValue, $0.storable.sqlValue] }, "ON CONFLICT DO NOTHING")
        try follow(wanted, from: known, in: transaction)
        let here = try info(wanted.id, in: transaction)
        let location = here.tag(locationKey)
        guard added == 0 else {
            return ImportOutcome(id: wanted.id, effect: .created, artifactURI: location)
        }
        return ImportOutcome(id: wanted.id, differences: here.differences(from: wanted), artifactURI: location)
    }

    private static func add(_ tags: [Tag], to id: String, in table: SQL, _ transaction: Transaction) throws {
        try transaction.insert(
            into: "\(table) (trace_id, key, value)",
            rows: tags.map { [id.sqlValue, $0.key.storable.sqlValue, $0.value.storable.sqlValue] },
            "ON CONFLICT DO NOTHING")
    }

    /// A trace that was brought in while it went on, and has ended since.
    private static func follow(_ wanted: TraceInfo, from here: TraceInfo, in transaction: Transaction) throws {
        guard here.state == .inProgress, wanted.state != .inProgress, here.requestTime == wanted.requestTime else {
            return
        }
        try transaction.execute(
            """
            UPDATE traces SET state = \(wanted.state), duration_ms = \(wanted.durationMs),
                request_preview = COALESCE(\(wanted.requestPreview), request_preview),
                response_preview = COALESCE(\(wanted.responsePreview), response_preview)
            WHERE trace_id = \(wanted.id)
            """)
    }

    /// Brings in spans, in one transaction; those that are there already are not added again.
    /// - Throws: `TraceError` for a trace that is not here.
    package func adopt(_ records: [ImportedSpans]) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try records.map { try Self.adopt($0, in: transaction) }
        }
    }

    private static func adopt(_ record: ImportedSpans, in transaction: Transaction) throws -> ImportOutcome {
        let trace = record.traceID
        try require(trace, in: transaction)
        let known = Set(
            try transaction.values("SELECT span_id FROM spans WHERE trace_id = \(trace)", as: String.self))
        let new = record.spans.filter { !known.contains($0.id.hexadecimal) }
        try insert(new, of: trace, in: transaction)
        try set([TraceInfo.spansLocation], of: trace, in: transaction)
        guard new.count < record.spans.count else {
            return ImportOutcome(id: trace, effect: .created, added: new.count)
        }
        let here = try spans(of: [trace], in: transaction)[trace] ?? []
        let texts = Dictionary(here.map { ($0.id, $0.comparableText) }, uniquingKeysWith: { first, _ in first })
        let others = record.spans.filter { texts[$0.id] != $0.comparableText }.map(\.id.hexadecimal)
        guard let other = others.first else {
            return ImportOutcome(id: trace, effect: new.isEmpty ? .present : .created, added: new.count)
        }
        return ImportOutcome(
            id: trace, effect: .different,
            reason: "\(others.count) of its spans are not what they are there, the first of them \(other)")
    }

    /// Brings in links between traces and runs, in one transaction.
    /// - Throws: `TrackingError` for a run that is not here.
    package func adopt(_ records: [ImportedTraceLinks]) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try records.map { record in
                _ = try RunStore.info(record.runID, in: transaction)
                let known = Set(try Self.known(record.traceIDs, in: transaction))
                guard let missing = record.traceIDs.first(where: { !known.contains($0) }) else {
                    let added = try Self.link(record.traceIDs, to: record.runID, in: transaction)
                    return ImportOutcome(
                        id: record.runID, effect: added > 0 ? .created : .present, added: added)
                }
                try Self.link(record.traceIDs, to: record.runID, in: transaction)
                return ImportOutcome(
                    id: record.runID, effect: .different, reason: "trace \(missing), which it links, is not here")
            }
        }
    }

    private static func known(_ ids: [String], in reader: Reader) throws -> [String] {
        var known: [String] = []
        try reader.forEachRow(of: ids) {
            "SELECT trace_id FROM traces WHERE trace_id IN \(list: $0)"
        } _: {
            known.append(try $0.get(0))
        }
        return known
    }
}

extension TraceInfo {
    private static let places = [TraceStore.locationKey, spansLocation.key]

    /// The tags that are not about where something is kept.
    fileprivate var ownTags: [Tag] { tags.filter { !Self.places.contains($0.key) } }

    /// The tags that say where its files and spans are here. Those in a store that clients reach by themselves stay there.
    fileprivate func place(in experiment: Experiment) -> [Tag] {
        if let location = tag(TraceStore.locationKey), ArtifactLocation.isElsewhere(location) {
            return tags.filter { Self.places.contains($0.key) }
        }
        let here = ArtifactLocation.ofTrace(id, in: experiment.artifactLocation)
        return [Tag(key: TraceStore.locationKey, value: here), Self.spansLocation]
    }

    /// What this trace says otherwise than the same trace elsewhere.
    fileprivate func differences(from other: TraceInfo) -> [String] {
        let facts: [(String, String, String)] = [
            ("its experiment", experimentID.text, other.experimentID.text),
            ("its state", state.rawValue, other.state.rawValue),
            ("its beginning", "\(requestTime.milliseconds)", "\(other.requestTime.milliseconds)"),
            ("its duration", durationMs.text, other.durationMs.text),
            ("the client's id", clientRequestID ?? "", other.clientRequestID ?? ""),
            ("its request", requestPreview ?? "", other.requestPreview ?? ""),
            ("its response", responsePreview ?? "", other.responsePreview ?? ""),
        ]
        let own = Dictionary(assessments.map { ($0.id, $0.comparableText) }, uniquingKeysWith: { first, _ in first })
        let judgements = other.assessments.compactMap { assessment in
            ImportOutcome.difference(
                "assessment '\(assessment.name)'", here: own[assessment.id] ?? "", there: assessment.comparableText)
        }
        return facts.compactMap { ImportOutcome.difference($0, here: $1, there: $2) }
            + tags.differences(from: other.ownTags) + metadata.differences(from: other.metadata) + judgements
    }
}

extension Int64? {
    fileprivate var text: String { map(String.init) ?? "none" }
}

extension Assessment {
    /// What people may change of it.
    fileprivate var comparableText: String {
        "\(value.text) \(isValid ? "valid" : "overridden") \(rationale ?? "")"
    }
}

extension Span {
    /// All of it but the id of the trace among its attributes, which is the server's own.
    fileprivate var comparableText: String {
        var span = self
        span.attributes.removeAll { $0.key == Self.traceIDKey }
        return span.json.text
    }
}
