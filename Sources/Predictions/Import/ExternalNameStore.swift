import Database
import Wire

// What others call predictions, in the store of a day.

extension PredictionStore {
    private static let namesInStatement = 500

    /// Which of these are here: those with a name by it, the others by their number.
    func known(_ entries: [ImportBatch.Entry]) async throws -> KnownPredictions {
        let names = Set(entries.compactMap(\.sent.externalName))
        let numbers = entries.filter { $0.sent.externalID == nil && $0.sent.time != nil }.map(\.number.text)
        return try await database.read { reader in
            var known = KnownPredictions()
            known.byName = try Self.named(names, reader).mapValues { requests in
                requests.map { KnownPredictions.Named(request: $0, day: Self.day(of: $0)) }
            }
            for start in stride(from: 0, to: numbers.count, by: Self.namesInStatement) {
                let portion = numbers[start..<min(start + Self.namesInStatement, numbers.count)]
                let found: [String] = try reader.values(
                    """
                    SELECT request FROM predictions WHERE request IN \(list: portion)
                    UNION ALL SELECT request FROM sampled_out WHERE request IN \(list: portion)
                    """)
                known.requests.formUnion(found)
            }
            return known
        }
    }

    /// The requests that have these names.
    func requests(named names: Set<ExternalName>) async throws -> [ExternalName: [String]] {
        try await database.read { try Self.named(names, $0) }
    }

    private static func named(_ names: Set<ExternalName>, _ reader: Reader) throws -> [ExternalName: [String]] {
        let ids = Array(Set(names.map(\.id)))
        var found: [ExternalName: [String]] = [:]
        for start in stride(from: 0, to: ids.count, by: namesInStatement) {
            let portion = ids[start..<min(start + namesInStatement, ids.count)]
            try reader.forEachRow(
                """
                SELECT endpoint, external_id, request FROM predictions WHERE external_id IN \(list: portion)
                UNION ALL
                SELECT endpoint, external_id, request FROM sampled_out WHERE external_id IN \(list: portion)
                """
            ) { row in
                let name = ExternalName(endpoint: try row.get(0), id: try row.get(1))
                if names.contains(name) { found[name, default: []].append(try row.get(2)) }
            }
        }
        return found
    }

    private static func day(of request: String) -> PredictionDay {
        PredictionDay(containing: PredictionID(request: request).time)
    }
}
