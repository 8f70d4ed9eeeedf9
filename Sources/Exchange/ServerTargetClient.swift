import Console
import Wire

/// A Martlet server that takes records and files.
struct ServerTargetClient: ExchangeTarget {
    let api: APIClient

    func store(_ kind: RecordKind, _ records: [JSON]) async throws -> [StoredRecord] {
        let answer = try await api.post("/api/v1/import/\(kind.rawValue)", ["records": .array(records)])
        return (answer["outcomes"]?.arrayValue ?? []).compactMap(StoredRecord.init(json:))
    }

    func sizes(in folder: String, of owner: FileOwner, at uri: String) async throws -> [String: Int] {
        let entries = try await ProxiedFiles(api: api, uri: uri).list(folder)
        let files = entries.filter { !$0.isFolder }.map { ($0.path, $0.sizeBytes) }
        return Dictionary(files, uniquingKeysWith: { first, _ in first })
    }

    func write(_ entry: FileEntry, of owner: FileOwner, at uri: String, _ chunks: FileChunks) async throws {
        try await api.upload(ProxiedFiles(api: api, uri: uri).address(of: entry.path), chunks)
    }
}

extension StoredRecord {
    fileprivate init?(json: JSON) {
        guard let id = json["id"]?.stringValue, let effect = json["effect"]?.stringValue.flatMap(Effect.init(rawValue:))
        else { return nil }
        // Files elsewhere are not the server's to take.
        let place = json["artifact_uri"]?.stringValue.flatMap { $0.hasPrefix("mlflow-artifacts:") ? $0 : nil }
        self.init(
            id: id, effect: effect, reason: json["reason"]?.stringValue, localID: json["local_id"]?.stringValue,
            artifactURI: place,
            added: json["added"]?.integerValue.map(Int.init(clamping:)))
    }
}
