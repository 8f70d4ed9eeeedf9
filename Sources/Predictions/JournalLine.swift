import Runtimes
import Wire

/// A line of the journal: a request with all of its rows, as JSON. What is nil has no member, so that a line of a former
/// version is one of this version.
struct JournalLine {
    /// The line, all but its beginning with the id.
    static func tail(of request: LoggedRequest) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("\"endpoint\":")
        writer.write(request.endpoint)
        writer.member("variant", request.variant)
        writer.member("model", request.model)
        writer.member("version", Int64(request.version))
        writer.member("latency_us", request.latencyUs)
        writer.member("caller", request.caller)
        if let unit = request.unit { writer.member("unit", unit) }
        if let propensity = request.propensity {
            writer.name("propensity")
            writer.write(propensity)
        }
        if let experiment = request.experiment { writer.member("experiment", experiment) }
        writer.name("rows")
        writer.raw("[")
        for row in 0..<request.rowCount {
            writer.raw(row == 0 ? "[" : ",[")
            writer.write(row: row, of: request.input)
            writer.raw(",")
            writer.write(request.output.row(row, of: request.rowCount).finite)
            writer.raw("]")
        }
        writer.raw("]}\n")
        return writer.bytes
    }

    /// How a line begins, for a request's id.
    static func head(request: String) -> [UInt8] {
        Array("\(headStart)\(request)\",".utf8)
    }

    private static let headStart = "{\"request\":\""

    /// The id of the request that a line is about; nil when the line does not begin as one does.
    static func request(of line: some Collection<UInt8>) -> String? {
        guard line.starts(with: headStart.utf8) else { return nil }
        let id = line.dropFirst(headStart.utf8.count).prefix(32)
        return PredictionID("p-" + String(decoding: id, as: UTF8.self))?.request
    }

    /// The predictions of a line.
    /// - Throws: `JSONSyntaxError` or `PredictionError` when it is not one.
    static func predictions(of line: some Sequence<UInt8>) throws -> [Prediction] {
        let json = try JSON.parse(line)
        guard let request = json["request"]?.stringValue, let endpoint = json["endpoint"]?.stringValue,
            let variant = json["variant"]?.stringValue, let model = json["model"]?.stringValue,
            let version = json["version"]?.integerValue, let latency = json["latency_us"]?.integerValue,
            let caller = json["caller"]?.stringValue, let rows = json["rows"]?.arrayValue
        else { throw PredictionError(.internalError, "A line of the prediction journal is not a prediction.") }
        return rows.enumerated().map { index, row in
            Prediction(
                id: PredictionID(request: request, row: rows.count > 1 ? index : nil), endpoint: endpoint,
                variant: variant, model: model, version: Int(version), inputs: row.arrayValue?.first ?? .null,
                output: row.arrayValue?.last ?? .null, latencyUs: latency, caller: caller,
                unit: json["unit"]?.stringValue, propensity: json["propensity"]?.doubleValue,
                experiment: json["experiment"]?.stringValue)
        }
    }
}
