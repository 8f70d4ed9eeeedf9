import OrderedCollections
import Predictions
import Statistics
import Wire

/// What an endpoint was sent and answered in a stretch of time, as a table to compare with.
struct ProductionRows {
    let log: PredictionLog
    let endpoint: String
    let from: Timestamp
    let to: Timestamp

    private static let batch = 1_000
    /// The first so many rows of the stretch.
    private static let limit = ReferenceReader.sampleRows

    /// - Throws: `MonitorError` when there are too few rows.
    func table() async throws -> TrainingTable {
        var columns: OrderedDictionary<Name, [ColumnValue]> = [:]
        var count = 0
        var after: PredictionID?
        while count < Self.limit {
            let rows = try await log.predictions(
                PredictionQuery(endpoint: endpoint, after: after, from: from, to: to, limit: Self.batch))
            for row in rows where row.isKept {
                add(row, at: count, to: &columns)
                count += 1
            }
            after = rows.last?.id
            guard rows.count == Self.batch else { break }
        }
        guard count >= MonitorWindow.minimumRows else {
            throw MonitorError(
                .invalidParameterValue,
                "Endpoint '\(endpoint)' has \(count) predictions from \(from.iso8601) to \(to.iso8601); a reference needs "
                    + "\(MonitorWindow.minimumRows).",
                hint: "Choose a longer stretch, of days whose predictions are kept.")
        }
        return TrainingTable(
            columns: columns.map { name, values in
                let missing = Array(repeating: ColumnValue.missing, count: count - values.count)
                return TrainingTable.Column(name: name.text, role: name.role, values: values + missing)
            }, rows: count)
    }

    private struct Name: Hashable {
        let role: Reference.Role
        let text: String
    }

    private func add(_ row: Prediction, at place: Int, to columns: inout OrderedDictionary<Name, [ColumnValue]>) {
        func set(_ value: JSON, of name: Name) {
            let missing = place - (columns[name]?.count ?? 0)
            columns[name, default: []] += repeatElement(.missing, count: missing)
            columns[name]?.append(ColumnValue(value))
        }
        for (name, value) in Self.cells(row.inputs.json, "input") where !row.masked.contains(name) {
            set(value, of: Name(role: .input, text: name))
        }
        for (name, value) in Self.cells(row.output.json, "prediction") {
            set(value, of: Name(role: .output, text: name))
        }
    }

    /// Members by name, elements by place and anything else under `scalar`: as windows name them, so that both can be compared.
    private static func cells(_ json: JSON, _ scalar: String) -> [(String, JSON)] {
        if let members = json.memberList { return members.map { ($0.key, $0.value) } }
        guard let elements = json.arrayValue, elements.count <= 64 else { return [(scalar, json)] }
        return elements.enumerated().map { ("\(scalar)[\($0)]", $1) }
    }
}
