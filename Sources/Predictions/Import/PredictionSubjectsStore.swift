import Database
import Wire

// Finding predictions by what others call them and by whom they are about, in the store of a day.

extension PredictionStore {
    /// Those of this day; ids of one subject in their order.
    /// - Parameter limit: when there are more, not all of them are found, and still more than these.
    func predictions(
        about subjects: [PredictionSubject], limit: Int
    ) async throws -> [PredictionSubject: [PredictionID]] {
        try await database.read { reader in
            // Most are of other days.
            let named = try Self.newest(named: Set(subjects.compactMap(\.externalID)), reader)
            let units = try Self.known(Set(subjects.compactMap(\.unit?.name)), reader)
            var found: [PredictionSubject: [PredictionID]] = [:]
            var rest = limit + 1
            for subject in subjects where rest > 0 {
                var ids: [PredictionID] = []
                switch subject {
                case .id: break
                case .external(let name, let endpoint):
                    let here = named[name] ?? []
                    let newest = here.filter { endpoint == nil || $0.endpoint == endpoint }.map(\.request).max()
                    ids = newest.map { [PredictionID(request: $0)] } ?? []
                case .latest(let unit) where units.contains(unit.name):
                    ids = try Self.about(unit, requests: 1, limit: rest, reader)
                case .all(let unit) where units.contains(unit.name):
                    ids = try Self.about(unit, requests: maximumOfUnit, limit: rest, reader)
                case .latest, .all: break
                }
                if !ids.isEmpty { found[subject] = ids }
                rest -= ids.count
            }
            return found
        }
    }

    private static let namesInStatement = 500

    /// For each name and endpoint the newest request.
    private static func newest(
        named names: Set<String>, _ reader: Reader
    ) throws -> [String: [(endpoint: String, request: String)]] {
        var found: [String: [(endpoint: String, request: String)]] = [:]
        try forEachPortion(of: names) { portion in
            let condition: SQL = "WHERE external_id IN \(list: portion) GROUP BY external_id, endpoint"
            try reader.forEachRow(
                """
                SELECT external_id, endpoint, MAX(request) FROM predictions \(condition)
                UNION ALL SELECT external_id, endpoint, MAX(request) FROM sampled_out \(condition)
                """
            ) { row in
                found[try row.get(0), default: []].append((endpoint: try row.get(1), request: try row.get(2)))
            }
        }
        return found
    }

    /// Those of some units that anything here is about.
    private static func known(_ units: Set<String>, _ reader: Reader) throws -> Set<String> {
        var found: Set<String> = []
        try forEachPortion(of: units) { portion in
            let here: [String] = try reader.values(
                """
                SELECT DISTINCT unit FROM predictions WHERE unit IN \(list: portion)
                UNION SELECT DISTINCT unit FROM sampled_out WHERE unit IN \(list: portion)
                """)
            found.formUnion(here)
        }
        return found
    }

    private static func forEachPortion(of names: Set<String>, _ body: (ArraySlice<String>) throws -> Void) rethrows {
        let names = Array(names)
        for start in stride(from: 0, to: names.count, by: namesInStatement) {
            try body(names[start..<min(start + namesInStatement, names.count)])
        }
    }

    /// The newest requests about a unit with all of their rows.
    /// - Parameter limit: of rows.
    private static func about(
        _ unit: PredictionSubject.Unit, requests: Int, limit: Int, _ reader: Reader
    ) throws -> [PredictionID] {
        let end = PredictionID.firstRequest(at: unit.moment + .milliseconds(1))
        let ofEndpoint: SQL = unit.endpoint.map { "AND endpoint = \($0)" } ?? ""
        let condition: SQL = """
            unit = \(unit.name) \(ofEndpoint) AND request >= \(PredictionID.firstRequest(at: unit.start))
            AND request < \(end)
            """
        let rows = try reader.rows(
            """
            SELECT request, row_count FROM predictions WHERE row_index = 0 AND \(condition)
            UNION ALL SELECT request, row_count FROM sampled_out WHERE \(condition)
            ORDER BY 1 DESC LIMIT \(requests)
            """)
        var ids: [PredictionID] = []
        for row in rows where ids.count < limit {
            let (request, count): (String, Int) = (try row.get(0), try row.get(1))
            let places = 0..<min(count, limit - ids.count)
            ids +=
                count == 1 ? [PredictionID(request: request)] : places.map { PredictionID(request: request, row: $0) }
        }
        return ids
    }
}

extension PredictionSubject {
    fileprivate var externalID: String? {
        if case .external(let name, _) = self { name } else { nil }
    }

    fileprivate var unit: Unit? {
        switch self {
        case .id, .external: nil
        case .latest(let unit), .all(let unit): unit
        }
    }
}

/// A label is told to so many requests about a unit a day.
private let maximumOfUnit = 10_000
