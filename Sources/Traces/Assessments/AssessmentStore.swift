package import Database
import Events
import Tracking
import Wire

extension TraceStore {
    /// Adds an assessment to a trace; the one that it overrides no longer counts.
    /// - Throws: `TraceError` for an unknown trace and an unknown assessment to override.
    package func assess(_ trace: String, as new: NewAssessment, by actor: String) async throws -> Assessment {
        let now = clock.now
        let assessment = Assessment(new, id: "a-" + entropy.hexID(), trace: trace, now: now)
        return try await database.write { transaction in
            try Self.require(trace, in: transaction)
            if let overridden = assessment.overrides {
                let changed = try transaction.execute(
                    """
                    UPDATE assessments SET is_valid = 0 WHERE trace_id = \(trace) AND assessment_id = \(overridden)
                    """)
                guard changed > 0 else { throw TraceError.unknownAssessment(overridden, of: trace) }
            }
            try Self.save(assessment, in: transaction)
            try append("trace.assessed", assessment, by: actor, in: transaction)
            return assessment
        }
    }

    /// - Throws: `TraceError` when there is no such trace or assessment.
    package func assessment(_ id: String, of trace: String) async throws -> Assessment {
        try await database.read { try Self.assessment(id, of: trace, in: $0) }
    }

    /// - Throws: `TraceError` when there is no such trace or assessment; `FieldProblem` when it is of another kind.
    package func change(
        _ id: String, of trace: String, _ change: AssessmentChange, by actor: String
    ) async throws -> Assessment {
        let now = clock.now
        return try await database.write { transaction in
            var assessment = try Self.assessment(id, of: trace, in: transaction)
            try assessment.apply(change, at: now)
            try Self.save(assessment, in: transaction)
            try append("assessment.changed", assessment, by: actor, in: transaction)
            return assessment
        }
    }

    /// Removes an assessment; the one that it overrode counts again. There may be none; then nothing changes.
    /// - Throws: `TraceError` for an unknown trace.
    package func deleteAssessment(_ id: String, of trace: String, by actor: String) async throws {
        try await database.write { transaction in
            try Self.require(trace, in: transaction)
            guard
                let assessment = try Self.assessments(of: [trace], in: transaction)[trace]?.first(where: { $0.id == id }
                )
            else { return }
            if let overridden = assessment.overrides {
                try transaction.execute("UPDATE assessments SET is_valid = 1 WHERE assessment_id = \(overridden)")
            }
            try transaction.execute("DELETE FROM assessments WHERE assessment_id = \(id)")
            try append("assessment.deleted", assessment, by: actor, in: transaction)
        }
    }

    private func append(
        _ kind: String, _ assessment: Assessment, by actor: String, in transaction: Transaction
    ) throws {
        let data: JSON = [
            "assessment_id": .string(assessment.id), "name": .string(assessment.name),
            "value": assessment.value.excerpt,
        ]
        try events.append(Change(by: actor, kind, of: "traces/\(assessment.traceID)", data), in: transaction)
    }
}

// MARK: - Within a transaction

extension TraceStore {
    static func assessment(_ id: String, of trace: String, in reader: Reader) throws -> Assessment {
        let found = try reader.row(
            "SELECT \(Assessment.columns) FROM assessments WHERE trace_id = \(trace) AND assessment_id = \(id)",
            as: Assessment.self)
        if let found { return found }
        try require(trace, in: reader)
        throw TraceError.unknownAssessment(id, of: trace)
    }

    /// Those of some traces, by trace, in the order in which they were made.
    static func assessments(of traces: [String], in reader: Reader) throws -> [String: [Assessment]] {
        var groups: [String: [Assessment]] = [:]
        try reader.forEachRow(of: traces) { traces in
            """
            SELECT \(Assessment.columns) FROM assessments WHERE trace_id IN \(list: traces)
            ORDER BY trace_id, created, assessment_id
            """
        } _: { row in
            let assessment = try Assessment(row: row)
            groups[assessment.traceID, default: []].append(assessment)
        }
        return groups
    }

    static func save(_ assessment: Assessment, in transaction: Transaction) throws {
        let value = assessment.value
        let metadata = JSON.members(assessment.metadata.map { ($0.key, .string($0.value)) })
        let isOfSession = assessment.metadata.contains { $0.key == TraceInfo.sessionKey }
        try transaction.execute(
            """
            INSERT INTO assessments (assessment_id, trace_id, name, kind, content, text, number, source, rationale,
                metadata, span_id, created, last_updated, overrides, is_valid, value, score, is_of_session)
            VALUES (\(assessment.id), \(assessment.traceID), \(assessment.name.storable), \(assessment.kind.rawValue),
                \(assessment.content), \((value.stringValue ?? value.text).storable), \(value.measure),
                \(assessment.source), \(assessment.rationale?.storable), \(metadata), \(assessment.spanID?.storable),
                \(assessment.created), \(assessment.lastUpdated), \(assessment.overrides), \(assessment.isValid),
                \(value.storableText), \(value.score), \(isOfSession))
            ON CONFLICT (assessment_id) DO UPDATE SET name = excluded.name, content = excluded.content,
                text = excluded.text, number = excluded.number, rationale = excluded.rationale,
                metadata = excluded.metadata, last_updated = excluded.last_updated, is_valid = excluded.is_valid,
                value = excluded.value, score = excluded.score, is_of_session = excluded.is_of_session
            """)
    }
}

extension Assessment: RowDecodable {
    static let columns: SQL = """
        assessment_id, trace_id, name, kind, content, source, rationale, metadata, span_id, created, last_updated,
        overrides, is_valid
        """

    package init(row: Row) throws {
        id = try row.get(0)
        traceID = try row.get(1)
        name = try row.get(2)
        kind = Kind(rawValue: try row.get(3)) ?? .feedback
        content = try row.get(4)
        source = try row.get(5)
        rationale = try row.get(6)
        let members = try row.get(7, as: JSON.self).memberList ?? []
        metadata = members.map { Tag(key: $0.key, value: $0.value.stringValue ?? "") }
        spanID = try row.get(8)
        created = try row.get(9)
        lastUpdated = try row.get(10)
        overrides = try row.get(11)
        isValid = try row.get(12)
    }
}

extension JSON {
    /// The number that comparisons with `<` and `>` are about; nil for what is none.
    fileprivate var measure: Double? {
        guard let number = doubleValue, number.isFinite else { return nil }
        return number
    }

    /// The value, cut when it is long: the log says what changed, it is no second store.
    fileprivate var excerpt: JSON {
        let spelled = stringValue ?? text
        return spelled.isLonger(than: 250) ? .string(spelled.cut(to: 250) + "…") : self
    }
}
