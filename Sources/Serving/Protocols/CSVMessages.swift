import Runtimes
import Wire

/// CSV (RFC 4180) as input of `/invocations`: a heading with the names of the columns, then a row a line.
struct SentCSV: SentInput {
    private let names: [String]
    /// Texts, and null where a value is missing.
    private let rows: [[JSON]]

    /// What pandas reads as missing.
    private static let missing: Set<String> = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    ]

    /// What spreadsheets put in front of UTF-8.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Throws: `ServingError` in a 4xx that names the line or the column and row.
    init(_ text: some Collection<UInt8>) throws {
        var lines = try Self.rows(of: text)
        guard !lines.isEmpty else { throw ServingError(.badRequest, "The CSV text is empty.") }
        names = lines.removeFirst()
        rows = lines.map { row in row.map { Self.missing.contains($0) ? .null : JSON.string($0) } }
    }

    func unit(named key: String) throws -> String? {
        try SentUnits.unit(named: key, inColumns: names, rows: rows)
    }

    /// - Throws: `ServingError` or `RuntimeError` in a 4xx that names the column and row.
    func request(for signature: ModelSignature?, version: ServedVersion) throws -> PredictionRequest {
        guard case .columns(let columns) = signature?.inputs else {
            let data = rows.map { row in JSON.array(row.map(\.parsedNumber)) }
            return try InvocationMessages.request(
                json: ["dataframe_split": ["columns": .strings(names), "data": .array(data)]], signature: signature)
        }
        var builder = try BatchBuilder(columns: columns, sent: names)
        for row in rows { try builder.append(row: row) }
        return PredictionRequest(input: .table(builder.batch))
    }

    private static func rows(of text: some Collection<UInt8>) throws -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        func endField() throws {
            guard let value = String(validating: field, as: UTF8.self) else {
                let place = rows.isEmpty ? "The heading" : "Row \(rows.count - 1)"
                throw ServingError(.badRequest, "\(place) of the CSV text is not UTF-8.")
            }
            row.append(value)
            field = []
            wasQuoted = false
        }
        for byte in text.starts(with: byteOrderMark) ? text.dropFirst(byteOrderMark.count) : text[...] {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                isQuoted = false
                wasQuoted = true
            case UInt8(ascii: "\"") where field.isEmpty || wasQuoted:
                // A quote right after a closing one stands for itself.
                if wasQuoted { field.append(byte) }
                isQuoted = true
            case _ where isQuoted: field.append(byte)
            case UInt8(ascii: ","): try endField()
            case UInt8(ascii: "\n"):
                if row.isEmpty, field.isEmpty, !wasQuoted { continue }
                try endField()
                rows.append(row)
                row = []
            case UInt8(ascii: "\r"): continue
            default: field.append(byte)
            }
        }
        guard !isQuoted else { throw ServingError(.badRequest, "A quoted field of the CSV text does not end.") }
        if !row.isEmpty || !field.isEmpty || wasQuoted {
            try endField()
            rows.append(row)
        }
        return rows
    }
}

extension JSON {
    /// A number for a text that spells one.
    fileprivate var parsedNumber: JSON {
        guard let text = stringValue else { return self }
        return Int64(text).map(JSON.integer) ?? Double(text).map(JSON.double) ?? self
    }
}
