import Runtimes
import Tables
import Wire

/// What a model takes, found among the columns of an input.
struct ModelShape: Sendable {
    struct Taken: Sendable {
        /// As the model names it.
        let name: String
        /// Its place among the input's columns.
        let place: Int
        /// Nil for a cell of any type.
        let type: ColumnType?
    }

    enum Form: Sendable {
        case columns
        /// All columns side by side.
        case matrix(TensorSpec)
        /// A tensor for each column.
        case tensors([TensorSpec])
        /// A table in JSON, for models that only MLflow's own code takes input apart for.
        case document
    }

    let form: Form
    let columns: [Taken]

    /// - Throws: `ScoringError` that names the columns that the input lacks.
    init(_ signature: ModelSignature?, _ input: InputTable) throws {
        switch signature?.inputs {
        case .columns(let specs):
            form = .columns
            columns = try Self.columns(specs, input)
        case .tensors(let specs):
            (form, columns) = try Self.tensors(specs, input)
        case .other, nil:
            form = .document
            columns = input.columns.indices.map { Taken(name: input.columns[$0].name, place: $0, type: nil) }
        }
    }

    private static func columns(_ specs: [ColumnSpec], _ input: InputTable) throws -> [Taken] {
        guard specs.contains(where: { $0.name != nil }) else {
            try requireCount(specs.count, input)
            return specs.enumerated().map { Taken(name: String($0), place: $0, type: $1.type) }
        }
        let places = Dictionary(
            input.columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let missing = specs.filter { $0.isRequired && places[$0.name ?? ""] == nil }
        guard missing.isEmpty else {
            let names = missing.prefix(20).map { "'\($0.name ?? "")'" }.joined(separator: ", ")
            let rest = missing.count > 20 ? " and \(missing.count - 20) more" : ""
            throw ScoringError.invalid(
                "The model needs the column\(missing.count == 1 ? "" : "s") \(names)\(rest), which the input lacks.",
                hint: "The input has \(input.columns.list).")
        }
        return specs.compactMap { spec in
            places[spec.name ?? ""].map { Taken(name: spec.name ?? "", place: $0, type: spec.type) }
        }
    }

    private static func tensors(_ specs: [TensorSpec], _ input: InputTable) throws -> (Form, [Taken]) {
        if specs.count == 1, specs[0].shape.count == 2, specs[0].shape[1] != 1 || specs[0].name == nil {
            if specs[0].shape[1] >= 0 { try requireCount(specs[0].shape[1], input) }
            let columns = input.columns.enumerated().map { place, column in
                Taken(name: column.name, place: place, type: specs[0].type.columnType)
            }
            return (.matrix(specs[0]), columns)
        }
        let columns = try specs.map { spec in
            guard spec.shape.first == -1, spec.shape.dropFirst().allSatisfy({ $0 == 1 }), let name = spec.name,
                let place = input.columns.firstIndex(where: { $0.name == name })
            else {
                throw ScoringError.invalid(
                    "The model takes the tensor '\(spec.name ?? "")' of shape \(spec.shape), which no column of a table is.",
                    hint: "Ask an endpoint for its predictions instead.")
            }
            return Taken(name: name, place: place, type: spec.type.columnType)
        }
        return (.tensors(specs), columns)
    }

    private static func requireCount(_ count: Int, _ input: InputTable) throws {
        guard input.columns.count == count else {
            throw ScoringError.invalid(
                "The model takes \(count) columns by position; the input has \(input.columns.count).",
                hint: "The input has \(input.columns.list).")
        }
    }
}
