import Database
import Tracking
package import Wire

extension TraceStore {
    /// The traces that a query finds: latest first unless it says otherwise.
    package func search(_ query: TraceQuery) async throws -> Page<TraceInfo> {
        guard !query.experimentIDs.isEmpty else { return Page(rows: [], limit: query.limit, offset: query.offset) }
        return try await database.read { reader in
            let rows = try reader.rows(Self.sql(query).once)
            let page = Page(rows: rows, limit: query.limit, offset: query.offset)
            return Page(elements: try Self.complete(page.elements, in: reader), next: page.next)
        }
    }

    private static func sql(_ query: TraceQuery) -> SQL {
        var joins: [SQL] = []
        var items: [SQL] = []
        for (index, order) in query.orders.enumerated() {
            // Each sorted key joins its table under a name of its own.
            let alias = SQL(stringLiteral: "o\(index)")
            if let (table, key) = order.field.traceTable {
                joins.append("LEFT JOIN \(table) \(alias) ON \(alias).trace_id = c.trace_id AND \(alias).key = \(key)")
                items.append(order.sql(by: "\(alias).value"))
            } else {
                items.append(order.sql(by: attribute(order.field.key)))
            }
        }
        items += ["c.request_time DESC", "c.trace_id ASC"]
        let place: SQL = "c.experiment_id IN \(list: query.experimentIDs)"
        return """
            SELECT \(columns) FROM traces c \(joins.joined(separator: " "))
            WHERE \(place) AND \(query.filter.traceSQL)
            ORDER BY \(items.joined(separator: ", ")) LIMIT \(query.limit + 1) OFFSET \(query.offset)
            """
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "status": "c.state"
        case "client_request_id": "c.client_request_id"
        case "timestamp": "c.request_time"
        case "execution_time": "c.duration_ms"
        case "end_time": "(c.request_time + COALESCE(c.duration_ms, 0))"
        case "experiment_id": "c.experiment_id"
        default: "c.trace_id"
        }
    }
}

extension SearchField {
    /// The table of keys and values in which the field is kept, and under which key.
    fileprivate var traceTable: (table: SQL, key: String)? {
        switch (entity, key) {
        case (.tag, _): ("trace_tags", key)
        case (.metadata, _): ("trace_metadata", key)
        case (.attribute, "name"): ("trace_tags", TraceInfo.nameKey)
        case (.attribute, "run_id"): ("trace_metadata", TraceInfo.runKey)
        default: nil
        }
    }
}

extension SearchFilter {
    /// The filter on a row `c` of `traces`. Conditions about a span that are joined by AND must hold for the same one.
    var traceSQL: SQL {
        switch self {
        case .condition(let condition):
            return condition.isOfSpan ? Self.sql(ofOneSpan: [condition]) : condition.traceSQL
        case .not(let filter): return "NOT \(filter.traceSQL)"
        case .any(let filters) where filters.isEmpty: return "1 = 0"
        case .any(let filters): return "(\(filters.map(\.traceSQL).joined(separator: " OR ")))"
        case .all:
            let spans = conjuncts.compactMap(\.spanCondition)
            var parts = conjuncts.filter { $0.spanCondition == nil }.map(\.traceSQL)
            if !spans.isEmpty { parts.append(Self.sql(ofOneSpan: spans)) }
            return parts.isEmpty ? "1 = 1" : "(\(parts.joined(separator: " AND ")))"
        }
    }

    private var spanCondition: Condition? {
        if case .condition(let condition) = self, condition.isOfSpan { condition } else { nil }
    }

    private static func sql(ofOneSpan conditions: [Condition]) -> SQL {
        let all = (["s.trace_id = c.trace_id"] + conditions.map(\.spanSQL)).joined(separator: " AND ")
        return .exists("SELECT 1 FROM spans s WHERE \(all)")
    }
}

extension SearchFilter.Condition {
    fileprivate var isOfSpan: Bool { field.entity == .span }

    fileprivate var traceSQL: SQL {
        switch (field.entity, field.key) {
        case (.tag, _): sql(onTagIn: "trace_tags", where: "t.trace_id = c.trace_id")
        case (.metadata, _): sql(onTagIn: "trace_metadata", where: "t.trace_id = c.trace_id")
        case (.feedback, _), (.expectation, _): assessmentSQL
        case (.issue, _):
            .exists(
                "SELECT 1 FROM assessments a WHERE a.trace_id = c.trace_id AND a.kind = 'issue' AND \(sql(on: "a.name"))"
            )
        case (.attribute, "name"): valueSQL("trace_tags", TraceInfo.nameKey)
        case (.attribute, "run_id"): runSQL
        case (.attribute, "prompt"):
            .exists("SELECT 1 FROM trace_prompts p WHERE p.trace_id = c.trace_id AND \(sql(on: "p.prompt"))")
        case (.attribute, "text"): .exists("SELECT 1 FROM spans s WHERE s.trace_id = c.trace_id AND \(contentSQL)")
        case (.attribute, "timestamp"), (.attribute, "execution_time"), (.attribute, "end_time"):
            sql(onInteger: TraceStore.attribute(field.key), isNullable: field.key == "execution_time")
        default: sql(on: TraceStore.attribute(field.key), isNullable: field.key == "client_request_id")
        }
    }

    /// The condition on what a table of keys and values has under one key.
    private func valueSQL(_ table: SQL, _ key: String) -> SQL {
        SearchFilter.Condition(SearchField(.tag, key), comparison, operand)
            .sql(onTagIn: table, where: "t.trace_id = c.trace_id")
    }

    /// A trace is of the run within which it was made, and of those to which it was linked later.
    private var runSQL: SQL {
        let made = valueSQL("trace_metadata", TraceInfo.runKey)
        guard comparison == .equal else { return made }
        let linked: SQL = "SELECT 1 FROM trace_runs r WHERE r.trace_id = c.trace_id AND \(sql(on: "r.run_id"))"
        return "(\(made) OR \(SQL.exists(linked)))"
    }

    /// What is held of a whole conversation is held of each of its traces.
    private var assessmentSQL: SQL {
        let named: SQL = "a.kind = \(field.entity.rawValue) AND a.name = \(field.key) AND a.is_valid = 1"
        let fits: SQL =
            switch (comparison, operand) {
            case (.isNull, _), (.isNotNull, _): named
            case (.notEqual, .number(let number)): "\(named) AND (a.number IS NULL OR a.number <> \(number))"
            case (_, .number), (_, .range): "\(named) AND \(sql(on: "a.number", isNullable: true))"
            default: "\(named) AND \(sql(on: "a.text"))"
            }
        let own: SQL = "SELECT 1 FROM assessments a WHERE a.trace_id = c.trace_id AND \(fits)"
        let ofSession: SQL = """
            SELECT 1 FROM traces o JOIN assessments a ON a.trace_id = o.trace_id AND a.is_of_session = 1
            WHERE o.session_id = c.session_id AND o.experiment_id = c.experiment_id AND \(fits)
            """
        let either: SQL = "(\(SQL.exists(own)) OR \(SQL.exists(ofSession)))"
        return comparison == .isNull ? "NOT \(either)" : either
    }

    // MARK: On a row `s` of `spans`

    private static let attributes: SQL = """
        SELECT 1 FROM span_attributes v WHERE v.trace_id = s.trace_id AND v.span_id = s.span_id
        """

    fileprivate var spanSQL: SQL {
        switch field.key {
        case "name": sql(on: "s.name")
        case "type": sql(on: "s.type")
        case "status": sql(on: "s.status")
        case "content": contentSQL
        default: .exists("\(Self.attributes) AND v.key = \(attributeKey) AND \(sql(on: "v.value"))")
        }
    }

    private var attributeKey: String { String(field.key.dropFirst("attributes.".count)) }

    private var contentSQL: SQL {
        "(\(sql(on: "s.name")) OR \(SQL.exists("\(Self.attributes) AND \(sql(on: "v.value"))")))"
    }
}
