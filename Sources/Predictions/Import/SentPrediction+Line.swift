import Wire

// Reading a line of NDJSON.

extension SentPrediction {
    static let fieldNames = [
        "prediction_id", "endpoint", "model", "version", "variant", "time", "inputs", "output", "label", "label_time",
        "latency_ms", "caller", "unit",
    ]

    /// Reads a line.
    /// - Parameter endpoint: what a line that names none is of.
    /// - Throws: `RefusedLine` with the column and what to write there instead.
    init(line: some Collection<UInt8>, endpoint: String?) throws {
        let read = line.withContiguousStorageIfAvailable { bytes in
            Result { try SentPrediction(bytes: bytes, endpoint: endpoint) }
        }
        self =
            try read?.get() ?? Array(line).withUnsafeBufferPointer { try SentPrediction(bytes: $0, endpoint: endpoint) }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, endpoint: String?) throws {
        self.endpoint = endpoint ?? ""
        var scanner = JSONScanner(bytes: bytes, maximumValues: Self.maximumValues)
        do {
            try readMembers(&scanner)
        } catch let error as JSONSyntaxError {
            throw RefusedLine("malformed JSON: \(error.reason)", column: error.column)
        }
        guard !self.endpoint.isEmpty else {
            throw RefusedLine("'endpoint' is missing; write the name that a monitor watches, or add ?endpoint=NAME")
        }
        guard output != .null else { throw RefusedLine("'output' is missing; write what the model answered") }
        guard labelTime == nil || label != nil else { throw RefusedLine("'label_time' is given without 'label'") }
    }

    /// The most values that a line holds.
    private static let maximumValues = 100_000

    private mutating func readMembers(_ scanner: inout JSONScanner) throws {
        guard scanner.take(UInt8(ascii: "{")) else {
            throw scanner.error("a line is one object, such as {\"endpoint\": \"churn\", \"output\": 0.5}")
        }
        var seen: [String] = []
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                guard scanner.peek() == UInt8(ascii: "\"") else {
                    throw scanner.error("expected a name in double quotes")
                }
                let start = scanner.position
                let name = try scanner.string()
                guard scanner.take(UInt8(ascii: ":")) else { throw scanner.error("expected ':' after the name") }
                guard !seen.contains(name) else { throw Self.refusal("'\(name)' is given twice", scanner, at: start) }
                seen.append(name)
                try readMember(name, &scanner, at: start)
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { throw scanner.error("expected ',' or '}'") }
        }
        guard scanner.peek() == nil else { throw scanner.error("unexpected text after the object") }
    }

    private mutating func readMember(_ name: String, _ scanner: inout JSONScanner, at start: Int) throws {
        func refuse(_ expected: String) -> RefusedLine {
            Self.refusal("'\(name.prefix(100))' \(expected)", scanner, at: start)
        }
        _ = scanner.peek()
        switch name {
        case "inputs":
            inputs = try Self.finite(try scanner.text())
            guard inputs.text.hasPrefix("{") || inputs == .null else {
                throw refuse("is an object of values by column name")
            }
        case "output": output = try Self.finite(try scanner.text())
        case "label":
            let value = try scanner.value().finite
            if value != .null { label = value }
        case "time", "label_time":
            let value = try scanner.value()
            if value == .null { return }
            let moment = try Self.moment(value).mapError { refuse($0.reason) }.get()
            if name == "time" { time = moment } else { labelTime = moment }
        case "latency_ms":
            let value = try scanner.value()
            if value == .null { return }
            guard let milliseconds = value.doubleValue, (0...86_400_000).contains(milliseconds) else {
                throw refuse("is a number of milliseconds, 0 or more")
            }
            latencyUs = Int64((milliseconds * 1000).rounded())
        case "version":
            let value = try scanner.value()
            if value == .null { return }
            guard let number = value.integerValue ?? value.stringValue.flatMap({ Int64($0) }), number >= 0,
                let version = Int(exactly: number)
            else { throw refuse("is a whole number; other names of versions belong into 'variant'") }
            self.version = version
        case "prediction_id", "endpoint", "model", "variant", "caller", "unit":
            let value = try scanner.value()
            if value == .null { return }
            let isNumber = value.integerValue != nil && (name == "prediction_id" || name == "unit")
            guard let text = value.stringValue ?? (isNumber ? value.text : nil), Self.isName(text) else {
                throw refuse("is a text of 1 to \(PredictionLog.maximumUnitBytes) bytes without the character U+0000")
            }
            set(name, text)
        default:
            throw refuse("is no field of a prediction; these are: \(Self.fieldNames.joined(separator: ", "))")
        }
    }

    private mutating func set(_ name: String, _ text: String) {
        switch name {
        case "prediction_id": externalID = text
        case "endpoint": endpoint = text
        case "model": model = text
        case "variant": variant = text
        case "caller": caller = text
        default: unit = text
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...PredictionLog.maximumUnitBytes).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    /// Python writes missing numbers as NaN, which are null in the log.
    private static func finite(_ value: JSONText) throws -> JSONText {
        guard value.text.utf8.contains(where: { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") }) else {
            return value
        }
        return JSONText(value.json.finite)
    }

    /// Milliseconds since 1970 or a moment of RFC 3339.
    static func moment(_ value: JSON) -> Result<Timestamp, RefusedLine> {
        let expected = "is a moment such as \"2026-11-21T08:00:00Z\", or milliseconds since 1970"
        if let text = value.stringValue {
            guard let moment = Timestamp(rfc3339: text) else { return .failure(RefusedLine(expected)) }
            return moment.milliseconds < 0 ? .failure(RefusedLine("lies before 1970")) : .success(moment)
        }
        guard let number = value.doubleValue, let milliseconds = Int64(exactly: number.rounded(.down)) else {
            return .failure(RefusedLine(expected))
        }
        if milliseconds < 0 { return .failure(RefusedLine("lies before 1970")) }
        guard milliseconds <= Timestamp.named.upperBound.milliseconds else {
            return .failure(RefusedLine("lies after the year 9999"))
        }
        // Before March 1973, when nobody kept predictions: what is meant are seconds.
        if milliseconds < 100_000_000_000 {
            return .failure(RefusedLine("looks like seconds; write milliseconds since 1970, or a text of RFC 3339"))
        }
        return .success(Timestamp(milliseconds: milliseconds))
    }

    private static func refusal(_ reason: String, _ scanner: JSONScanner, at offset: Int) -> RefusedLine {
        RefusedLine(reason, column: scanner.error("", at: offset).column)
    }
}
