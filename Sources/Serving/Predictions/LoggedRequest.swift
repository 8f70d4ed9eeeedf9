import Wire

/// A request that was answered, on its way into the log: what its rows have in common, and the rows.
struct LoggedRequest: Sendable {
    let endpoint: String
    let variant: String
    let model: String
    let version: Int
    let latencyUs: Int64
    let caller: String
    let rowCount: Int
    /// A JSON array with `[inputs, output]` for each row.
    let rows: [UInt8]

    /// The line of the journal, all but its beginning with the id.
    func tail() -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("\"endpoint\":")
        writer.write(endpoint)
        writer.raw(",\"variant\":")
        writer.write(variant)
        writer.raw(",\"model\":")
        writer.write(model)
        writer.raw(",\"version\":\(version),\"latency_us\":\(latencyUs),\"caller\":")
        writer.write(caller)
        writer.raw(",\"rows\":")
        return writer.bytes + rows + "}\n".utf8
    }

    /// How a line begins, for a request's id.
    static func head(request: String) -> [UInt8] {
        Array("\(headStart)\(request)\",".utf8)
    }

    private static let headStart = "{\"request\":\""

    /// The id of the request that a line is about; nil when the line does not begin as one does.
    static func request(ofLine line: some Collection<UInt8>) -> String? {
        guard line.starts(with: headStart.utf8) else { return nil }
        let id = line.dropFirst(headStart.utf8.count).prefix(32)
        return PredictionID("p-" + String(decoding: id, as: UTF8.self))?.request
    }

    /// The predictions of a line of the journal.
    /// - Throws: `JSONSyntaxError` or `ServingError` when it is not one.
    static func predictions(ofLine line: some Sequence<UInt8>) throws -> [Prediction] {
        let json = try JSON.parse(line)
        guard let request = json["request"]?.stringValue, let endpoint = json["endpoint"]?.stringValue,
            let variant = json["variant"]?.stringValue, let model = json["model"]?.stringValue,
            let version = json["version"]?.integerValue, let latency = json["latency_us"]?.integerValue,
            let caller = json["caller"]?.stringValue, let rows = json["rows"]?.arrayValue
        else { throw ServingError(.internalError, "A line of the prediction journal is not a prediction.") }
        return rows.enumerated().map { index, row in
            Prediction(
                id: PredictionID(request: request, row: rows.count > 1 ? index : nil), endpoint: endpoint,
                variant: variant, model: model, version: Int(version), inputs: row.arrayValue?.first ?? .null,
                output: row.arrayValue?.last ?? .null, latencyUs: latency, caller: caller)
        }
    }
}
