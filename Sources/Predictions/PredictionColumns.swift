import OrderedCollections
import Wire

/// The columns of predictions as a table: what is the same of all of them, a column for each input and each part of an
/// output, and what became known later. Types are those of the values that were seen.
struct PredictionColumns {
    /// What a column holds. Of columns that hold several kinds the values become texts, numbers of both kinds doubles.
    enum Kind: Sendable, Hashable {
        case nothing, boolean, integer, number, numbers, text

        init(_ json: JSON) {
            switch json {
            case .null: self = .nothing
            case .bool: self = .boolean
            case .integer: self = .integer
            case .double: self = .number
            case .array(let elements): self = elements.allSatisfy { $0.doubleValue != nil } ? .numbers : .text
            case .string, .object: self = .text
            }
        }

        func joined(_ other: Kind) -> Kind {
            switch (self, other) {
            case (_, .nothing): self
            case (.nothing, _): other
            case (.integer, .number), (.number, .integer): .number
            default: self == other ? self : .text
            }
        }

        /// In SQL. A text column keeps texts as they are and everything else as JSON.
        var type: String {
            switch self {
            case .boolean: "BOOLEAN"
            case .integer: "BIGINT"
            case .number: "DOUBLE"
            case .numbers: "DOUBLE[]"
            case .nothing, .text: "VARCHAR"
            }
        }
    }

    struct Column: Sendable, Hashable {
        let name: String
        let kind: Kind
    }

    /// More inputs than these are one column of JSON.
    static let maximumColumns = 1000

    /// Whether inputs and outputs have columns of their own, or one each.
    private let isFlat: Bool
    private var kinds: OrderedDictionary<String, Kind> = [:]
    private static let outcomes = ["label", "label_time", "feedback"]

    init(isFlat: Bool = true) {
        self.isFlat = isFlat
        let first: KeyValuePairs<String, Kind> = [
            "prediction_id": .text, "external_id": .text, "time": .integer, "endpoint": .text, "variant": .text,
            "model": .text,
            "version": .integer, "caller": .text, "latency_us": .integer, "unit": .text, "propensity": .number,
            "experiment": .text, "rollout": .text, "masked": .text, "received_time": .integer, "late": .boolean,
            "label": .nothing, "label_time": .integer,
            "feedback": .text,
        ]
        for (name, kind) in first { kinds[name] = kind }
    }

    /// Whether there are more columns than a table should have.
    var isTooWide: Bool { isFlat && kinds.count > Self.maximumColumns }

    /// In the order in which people read them: what is known of the prediction, what came in, what went out, what became
    /// known. The place of a column is where `write` puts its values.
    var columns: [(place: Int, column: Column)] {
        let all = kinds.elements.enumerated().map { ($0, Column(name: $1.key, kind: $1.value)) }
        let ranked = all.map { (rank: rank(of: $0.1.name), place: $0.0, column: $0.1) }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map { ($0.place, $0.column) }
    }

    private func rank(of name: String) -> Int {
        if Self.outcomes.contains(name) { return 3 }
        if name == "output" || name.hasPrefix("output.") { return 2 }
        return name == "input" || name.hasPrefix("input.") ? 1 : 0
    }

    /// Writes a prediction as an object with a member for each column that it has, named by the column's place.
    mutating func write(_ prediction: Prediction, to writer: inout JSONWriter) {
        var members: [(String, JSON)] = []
        for (name, value) in prediction.json.memberList ?? [] {
            switch name {
            case "inputs": members += parts(of: value, as: "input")
            case "output": members += parts(of: value, as: "output")
            default: members.append((name, value))
            }
        }
        writer.object { writer in
            for (name, value) in members where value != .null {
                let kind = Kind(value).joined(kinds[name] ?? .nothing)
                kinds[name] = kind
                writer.name(String(kinds.index(forKey: name) ?? 0))
                writer.write(value)
            }
        }
    }

    private func parts(of value: JSON, as name: String) -> [(String, JSON)] {
        guard isFlat, let members = value.memberList, !members.isEmpty else { return [(name, value)] }
        return members.map { ("\(name).\($0.key)", $0.value) }
    }
}
