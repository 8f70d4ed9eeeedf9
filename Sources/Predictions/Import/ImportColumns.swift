import Tables
import Wire

/// Which columns of a table are which fields of predictions.
struct ImportColumns: Sendable, Hashable {
    /// Columns by field. Several columns of `inputs` or `output` are an object with a member for each.
    private(set) var columns: [String: [String]] = [:]
    /// What is the same for all rows, by field.
    private(set) var constants: [String: String] = [:]

    private static let several: Set<String> = ["inputs", "output"]

    /// Finds the fields among the columns of a table: those that `mapping` names, then those that have a field's own name.
    /// What is left are inputs, unless a column is one.
    /// - Parameters:
    ///   - mapping: such as `time=event_ts` or `output=score,class`.
    ///   - constants: such as `model=churn`.
    ///   - ignored: columns that are no input.
    /// - Throws: `PredictionError` that names what is wrong.
    init(
        of table: [String], mapping: [String], constants: [String], ignored: [String]
    ) throws {
        for (field, value) in try constants.map({ try Self.pair($0, "--set") }) { self.constants[field] = value }
        for (field, value) in try mapping.map({ try Self.pair($0, "--map") }) {
            let names = value.split(separator: ",").map(String.init)
            if let missing = names.first(where: { !table.contains($0) }) {
                throw Self.invalid("The file has no column '\(missing)'.", hint: "It has \(Self.list(table)).")
            }
            guard names.count == 1 || Self.several.contains(field) else {
                throw Self.invalid("'\(field)' is one column, not \(names.count).")
            }
            columns[field] = names
        }
        let mapped = Set(columns.values.joined())
        for field in SentPrediction.fieldNames where columns[field] == nil && self.constants[field] == nil {
            if table.contains(field), !mapped.contains(field) { columns[field] = [field] }
        }
        if columns["inputs"] == nil {
            let taken = Set(columns.values.joined()).union(ignored)
            columns["inputs"] = table.filter { !taken.contains($0) }
        }
        guard columns["output"] != nil else {
            throw Self.invalid(
                "No column is the output.",
                hint: "Name what the model answered, as --map output=COLUMN. The file has \(Self.list(table)).")
        }
        for field in ["time", "endpoint"] where columns[field] == nil && self.constants[field] == nil {
            throw Self.invalid(
                "No column is the \(field) of the predictions.",
                hint: "Add --map \(field)=COLUMN, or --set \(field)=… for all rows. The file has \(Self.list(table)).")
        }
    }

    private static func pair(_ text: String, _ option: String) throws -> (field: String, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, SentPrediction.fieldNames.contains(parts[0]) else {
            throw invalid(
                "\(option) '\(text)' is not FIELD=\(option == "--map" ? "COLUMN" : "VALUE").",
                hint: "Fields are \(SentPrediction.fieldNames.joined(separator: ", ")).")
        }
        return (parts[0], parts[1])
    }

    private static func invalid(_ message: String, hint: String? = nil) -> PredictionError {
        PredictionError(.invalidParameterValue, message, hint: hint)
    }

    private static func list(_ columns: [String]) -> String {
        let more = columns.count > 20 ? " and \(columns.count - 20) more" : ""
        return columns.prefix(20).joined(separator: ", ") + more
    }

    // MARK: As lines

    /// The line of a row as NDJSON, in SQL.
    /// - Parameters:
    ///   - format: that of the file; cells of NDJSON are JSON.
    ///   - row: the row's number, in SQL.
    ///   - digest: names rows that have no name of their own.
    func line(_ format: TableFormat, row: TableQuery, digest: String) -> TableQuery {
        var members: [TableQuery] = []
        for field in SentPrediction.fieldNames {
            let value: TableQuery
            if let constant = constants[field] {
                value = "\(constant)"
            } else if let names = columns[field] {
                value = Self.value(of: field, names, format)
            } else if field == "prediction_id" {
                value = "\(quoted: digest + "-") || \(row)"
            } else {
                continue
            }
            members.append("\(quoted: field), \(value)")
        }
        return "CAST(json_object(\(members.joined(separator: ", "))) AS VARCHAR)"
    }

    private static func value(of field: String, _ names: [String], _ format: TableFormat) -> TableQuery {
        let isJSON = format == .ndjson
        if names.count != 1 || field == "inputs" && !(isJSON && names == ["inputs"]) {
            let members = names.map { "\(quoted: $0), \(Self.cell($0, format))" as TableQuery }
            return "json_object(\(members.joined(separator: ", ")))"
        }
        let text: TableQuery = isJSON ? "(\(name: names[0])->>'$')" : "CAST(\(name: names[0]) AS VARCHAR)"
        switch field {
        case "time", "label_time":
            return """
                coalesce(to_json(TRY_CAST(\(text) AS BIGINT)), to_json(epoch_ms(\(moment(text)))), to_json(\(text)))
                """
        case "prediction_id", "endpoint", "model", "variant", "caller", "unit", "version": return text
        case "latency_ms": return "TRY_CAST(\(text) AS DOUBLE)"
        default: return cell(names[0], format)
        }
    }

    /// What says no time zone is in UTC.
    private static func moment(_ text: TableQuery) -> TableQuery {
        """
        CASE WHEN regexp_matches(\(text), ':.*([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$') \
        THEN TRY_CAST(TRY_CAST(\(text) AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP) \
        ELSE TRY_CAST(\(text) AS TIMESTAMP) END
        """
    }

    /// A value. In CSV a cell that says true or false is that, as it is to pandas.
    private static func cell(_ name: String, _ format: TableFormat) -> TableQuery {
        guard format == .csv else { return "\(name: name)" }
        let text: TableQuery = "CAST(\(name: name) AS VARCHAR)"
        return """
            CASE WHEN \(text) IN ('true', 'True', 'TRUE') THEN to_json(true) \
            WHEN \(text) IN ('false', 'False', 'FALSE') THEN to_json(false) ELSE to_json(\(name: name)) END
            """
    }
}
