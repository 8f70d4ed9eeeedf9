import OrderedCollections
import Runtimes
import Wire

/// JSON schemas of what a model takes and gives, from its signature.
struct SignatureSchema {
    let signature: ModelSignature?

    /// A row by column name; any object for a model that does not say.
    var record: JSON {
        guard case .columns(let columns) = signature?.inputs else { return ["type": "object"] }
        let named = columns.enumerated().map { ($1.name ?? String($0), $1) }
        return .compact([
            "type": "object",
            "properties": .members(named.map { ($0, Self.cell($1.type)) }),
            "required": .strings(named.filter { $1.isRequired }.map(\.0)),
        ])
    }

    /// A whole body of `/invocations`.
    var invocation: JSON {
        let forms: [JSON]
        switch signature?.inputs {
        case .columns(let columns):
            forms = [
                Self.form("dataframe_records", ["type": "array", "items": Self.reference("Record")]),
                Self.form("dataframe_split", Self.split(columns)),
                Self.form("instances", ["type": "array", "items": Self.reference("Record")]),
                Self.form("inputs", Self.byColumn(columns)),
            ]
        case .tensors(let specs):
            let isNamed = specs.contains { $0.name != nil }
            let input =
                isNamed
                ? JSON.compact([
                    "type": "object",
                    "properties": .members(specs.map { ($0.name ?? "", Self.array($0)) }),
                    "required": .strings(specs.compactMap(\.name)),
                ]) : specs.first.map(Self.array) ?? [:]
            forms = [Self.form("inputs", input), Self.form("instances", isNamed ? ["type": "array"] : input)]
        case .other, nil:
            forms = ["dataframe_records", "dataframe_split", "instances", "inputs"].map { Self.form($0, [:]) }
        }
        return ["type": "object", "properties": ["params": Self.reference("Parameters")], "oneOf": .array(forms)]
    }

    /// What a request may pass beside its input.
    var parameters: JSON {
        let parts = signature?.json["params"]?.arrayValue ?? []
        let properties = parts.compactMap { part -> (String, JSON)? in
            guard let name = part["name"]?.stringValue else { return nil }
            let scalar = part["type"]?.stringValue.flatMap(ColumnType.init(rawValue:)).map(Self.cell) ?? [:]
            let type: JSON = part["shape"]?.arrayValue == nil ? scalar : ["type": "array", "items": scalar]
            return (name, type.adding("default", part["default"]))
        }
        return ["type": "object", "properties": .members(properties)]
    }

    /// What `predictions` holds.
    var predictions: JSON {
        switch signature?.outputs {
        case .tensors(let specs) where specs.count == 1: Self.array(specs[0])
        case .columns(let columns) where columns.count == 1 && columns[0].name == nil:
            ["type": "array", "items": Self.cell(columns[0].type)]
        default: [:]
        }
    }

    // MARK: Parts

    static func reference(_ name: String) -> JSON {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    private static func form(_ name: String, _ schema: JSON) -> JSON {
        ["properties": .members([(name, schema)]), "required": [.string(name)]]
    }

    private static func split(_ columns: [ColumnSpec]) -> JSON {
        let names: JSON = ["type": "array", "items": ["type": "string"]]
        let rows: JSON = ["type": "array", "items": ["type": "array"]]
        let isNamed = columns.contains { $0.name != nil }
        return [
            "type": "object", "properties": ["columns": names, "data": rows, "index": ["type": "array"]],
            "required": isNamed ? ["columns", "data"] : ["data"], "additionalProperties": false,
        ]
    }

    private static func byColumn(_ columns: [ColumnSpec]) -> JSON {
        let properties = columns.enumerated().map { index, column in
            (column.name ?? String(index), JSON.members([("type", "array"), ("items", cell(column.type))]))
        }
        return ["type": "object", "properties": .members(properties)]
    }

    private static func array(_ spec: TensorSpec) -> JSON {
        spec.shape.reversed().reduce(cell(spec.type.columnType)) { items, length in
            let size: JSON? = length == -1 ? nil : .integer(Int64(length))
            return .compact(["type": "array", "items": items, "minItems": size, "maxItems": size])
        }
    }

    /// Null stands for a missing value where the type has one.
    private static func cell(_ type: ColumnType) -> JSON {
        switch type {
        case .boolean: ["type": "boolean"]
        case .integer: ["type": "integer", "format": "int32"]
        case .long: ["type": "integer", "format": "int64"]
        case .float: ["type": ["number", "null"], "format": "float"]
        case .double: ["type": ["number", "null"], "format": "double"]
        case .string: ["type": ["string", "null"]]
        }
    }
}

extension JSON {
    /// An object with one member more; as it is when there is nothing to add.
    fileprivate func adding(_ name: String, _ value: JSON?) -> JSON {
        guard let value, var members = objectValue else { return self }
        members[name] = value
        return .object(members)
    }
}
