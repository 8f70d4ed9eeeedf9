import Runtimes
import Wire

/// A line of the journal: a request with all of its rows, as JSON. What is nil has no member, so that a line of a former
/// version is one of this version.
enum JournalLine {
    private static let start = Array("{\"request\":\"".utf8)
    private static let noID = String(repeating: "0", count: RequestNumber.digitCount)

    /// What a line takes without its rows, and what a cell takes with the name of its column, about: a line that is larger
    /// has to be moved while it grows.
    private static let headBytes = 512
    private static let cellBytes = 32

    /// The line of a request, with zeros where its id belongs.
    /// - Parameter isKept: whether inputs and outputs are written down.
    static func bytes(_ request: LoggedRequest, isKept: Bool, mask: ColumnMask) -> [UInt8] {
        var writer = JSONWriter()
        writer.reserveCapacity(isKept ? headBytes + cellBytes * request.input.cellCount : headBytes)
        writer.raw("{")
        writer.member("request", noID)
        writer.member("endpoint", request.endpoint)
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
        if let rollout = request.rollout { writer.member("rollout", rollout) }
        if isKept {
            if !mask.isEmpty {
                writer.name("masked")
                writer.array(mask.names) { $0.write($1) }
            }
            writer.name("rows")
            write(request, masking: mask, to: &writer)
        } else {
            writer.member("sampled_out", Int64(request.rowCount))
        }
        writer.raw("}\n")
        return writer.bytes
    }

    /// Writes the line of a prediction that was made elsewhere.
    static func write(
        _ entry: ImportBatch.Entry, of batch: ImportBatch, _ policy: LogPolicy, to writer: inout JSONWriter
    ) {
        let sent = entry.sent
        writer.raw("{")
        writer.member("request", entry.number.text)
        writer.member("endpoint", sent.endpoint)
        writer.member("variant", sent.variant)
        writer.member("model", sent.model ?? sent.endpoint)
        writer.member("version", Int64(sent.version))
        writer.member("latency_us", sent.latencyUs)
        writer.member("caller", sent.caller ?? batch.caller)
        if let unit = sent.unit { writer.member("unit", unit) }
        if let externalID = sent.externalID { writer.member("external_id", externalID) }
        writer.member("received_time", batch.received.milliseconds)
        if let label = sent.label {
            writer.name("label")
            writer.write(label)
            writer.member("label_time", (sent.labelTime ?? batch.received).milliseconds)
        }
        if policy.keeps(entry.number.lot) {
            let mask = policy.mask
            if !mask.isEmpty {
                writer.name("masked")
                writer.array(mask.names) { $0.write($1) }
            }
            writer.name("rows")
            writer.raw("[[")
            writer.raw(mask.isEmpty ? sent.inputs.text : mask.applied(to: sent.inputs.json).text)
            writer.raw(",")
            writer.raw(mask.isEmpty ? sent.output.text : mask.applied(to: sent.output.json).text)
            writer.raw("]]")
        } else {
            writer.member("sampled_out", 1)
        }
        writer.raw("}\n")
    }

    /// Writes the id where a line has zeros.
    /// - Parameter place: where the line starts in `bytes`.
    static func put(_ number: RequestNumber, into bytes: inout [UInt8], at place: Int = 0) {
        for digit in 0..<RequestNumber.digitCount { bytes[place + start.count + digit] = number.digit(digit) }
    }

    /// An array with `[inputs, output]` for each row.
    private static func write(_ request: LoggedRequest, masking mask: ColumnMask, to writer: inout JSONWriter) {
        writer.raw("[")
        for row in 0..<request.rowCount {
            writer.raw(row == 0 ? "[" : ",[")
            writer.write(row: row, of: request.input, masking: mask)
            writer.raw(",")
            writer.write(mask.applied(to: request.output.row(row, of: request.rowCount)).finite)
            writer.raw("]")
        }
        writer.raw("]")
    }

    /// The id of the request that a line is about; nil when the line does not begin as one does.
    static func request(of line: some Collection<UInt8>) -> RequestNumber? {
        guard line.starts(with: start) else { return nil }
        let id = line.dropFirst(start.count).prefix(RequestNumber.digitCount)
        return RequestNumber(text: String(decoding: id, as: UTF8.self))
    }

    /// The predictions of a line.
    /// - Throws: `JSONSyntaxError` or `PredictionError` when it is not one.
    static func predictions(of line: some Sequence<UInt8>) throws -> [Prediction] {
        let (head, keptRows) = try Array(line).withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes: bytes)
            return try members(&scanner)
        }
        guard let request = head["request"]?.stringValue, let endpoint = head["endpoint"]?.stringValue,
            let variant = head["variant"]?.stringValue, let model = head["model"]?.stringValue,
            let version = head["version"]?.integerValue, let latency = head["latency_us"]?.integerValue,
            let caller = head["caller"]?.stringValue
        else { throw notAPrediction }
        let sampledOut = head["sampled_out"]?.integerValue
        let noRows = try sampledOut.map { count in
            guard rowCounts.contains(count) else { throw notAPrediction }
            return Array(repeating: Row(inputs: .null, output: .null), count: Int(count))
        }
        guard let rows = keptRows ?? noRows else { throw notAPrediction }
        return rows.enumerated().map { index, row in
            Prediction(
                id: PredictionID(request: request, row: rows.count > 1 ? index : nil), endpoint: endpoint,
                variant: variant, model: model, version: Int(version), inputs: row.inputs, output: row.output,
                latencyUs: latency, caller: caller, unit: head["unit"]?.stringValue,
                propensity: head["propensity"]?.doubleValue, experiment: head["experiment"]?.stringValue,
                rollout: head["rollout"]?.stringValue,
                masked: head["masked"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                externalID: head["external_id"]?.stringValue,
                receivedTime: head["received_time"]?.integerValue.map(Timestamp.init(milliseconds:)),
                isKept: sampledOut == nil, label: head["label"],
                labelTime: head["label_time"]?.integerValue.map(Timestamp.init(milliseconds:)))
        }
    }

    private typealias Row = (inputs: JSONText, output: JSONText)

    /// The members of a line; of its rows, which are most of it, the texts.
    private static func members(_ scanner: inout JSONScanner) throws -> (head: [String: JSON], rows: [Row]?) {
        var head: [String: JSON] = [:]
        var rows: [Row]?
        guard scanner.take(UInt8(ascii: "{")) else { throw notAPrediction }
        repeat {
            guard scanner.peek() == UInt8(ascii: "\"") else { throw notAPrediction }
            let name = try scanner.string()
            guard scanner.take(UInt8(ascii: ":")) else { throw notAPrediction }
            if name == "rows" { rows = try self.rows(&scanner) } else { head[name] = try scanner.value() }
        } while scanner.take(UInt8(ascii: ","))
        guard scanner.take(UInt8(ascii: "}")), scanner.peek() == nil else { throw notAPrediction }
        return (head, rows)
    }

    private static func rows(_ scanner: inout JSONScanner) throws -> [Row] {
        var rows: [Row] = []
        guard scanner.take(UInt8(ascii: "[")) else { throw notAPrediction }
        repeat {
            guard scanner.take(UInt8(ascii: "[")) else { throw notAPrediction }
            let inputs = try scanner.text()
            guard scanner.take(UInt8(ascii: ",")) else { throw notAPrediction }
            rows.append((inputs, try scanner.text()))
            guard scanner.take(UInt8(ascii: "]")) else { throw notAPrediction }
        } while scanner.take(UInt8(ascii: ","))
        guard scanner.take(UInt8(ascii: "]")) else { throw notAPrediction }
        return rows
    }

    /// More rows than any body holds come from a damaged line.
    private static let rowCounts: ClosedRange<Int64> = 1...100_000_000

    private static let notAPrediction = PredictionError(
        .internalError, "A line of the prediction journal is not a prediction.")
}

extension ModelInput {
    /// How many values a table or tensors have.
    fileprivate var cellCount: Int {
        switch self {
        case .table(let batch): batch.rowCount * batch.columnCount
        case .tensors(let tensors): tensors.reduce(0) { $0 + $1.values.count }
        case .document: 0
        }
    }
}
