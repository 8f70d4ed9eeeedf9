import Runtimes
import Wire

/// A request that is filled in by hand: a field for each column that a model takes, or a text where it takes something else.
/// A pure value of the model's signature, an example of its input and what was filled in.
struct TrialForm: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        let name: String
        let type: ColumnType
        let isRequired: Bool
        /// As it stands in the field; nil for an empty one.
        let text: String?
    }

    enum Content: Sendable, Hashable {
        /// One row.
        case fields([Field])
        /// A whole body of `/invocations`.
        case text(String)
    }

    let content: Content

    /// A model that takes more columns is asked in a text.
    private static let maximumFields = 300

    /// The form as it is at first: filled in as the example is, otherwise empty.
    /// - Parameter example: a body of `/invocations`.
    init(_ signature: ModelSignature?, example: JSON?) {
        guard let columns = Self.named(signature) else {
            content = .text(Self.text(example ?? Self.skeleton(signature)))
            return
        }
        let row = example.flatMap(Self.firstRow)
        content = .fields(
            columns.map { name, column in
                Field(
                    name: name, type: column.type, isRequired: column.isRequired,
                    text: row?[name].flatMap { $0 == .null ? nil : $0.stringValue ?? $0.text })
            })
    }

    /// The form as it was sent.
    /// - Parameter sent: what stands in the field of a column, or in the text under ``textField``.
    init(_ signature: ModelSignature?, sent: (_ field: String) -> String?) {
        guard let columns = Self.named(signature) else {
            content = .text(sent(Self.textField) ?? "")
            return
        }
        content = .fields(
            columns.map { name, column in
                Field(name: name, type: column.type, isRequired: column.isRequired, text: sent(Self.field(of: name)))
            })
    }

    static let textField = "body"

    /// What the field of a column is called.
    static func field(of column: String) -> String { "in.\(column)" }

    /// The body that is asked.
    /// - Throws: `JSONSyntaxError` for a text that is none.
    func body() throws -> JSON {
        switch content {
        case .text(let text): try JSON.parse(text)
        case .fields(let fields):
            [
                "dataframe_records": [
                    .members(fields.compactMap { field in field.value.map { (field.name, $0) } })
                ]
            ]
        }
    }

    // MARK: Signatures

    /// The columns, when all have names of their own and there are not too many for a form.
    private static func named(_ signature: ModelSignature?) -> [(String, ColumnSpec)]? {
        guard case .columns(let columns) = signature?.inputs, columns.count <= maximumFields else { return nil }
        let named = columns.compactMap { column in column.name.map { ($0, column) } }
        return named.count == columns.count ? named : nil
    }

    /// Something of the form that the model takes, all zeros.
    private static func skeleton(_ signature: ModelSignature?) -> JSON {
        switch signature?.inputs {
        case .columns(let columns):
            let row = columns.map { $0.type == .string ? JSON.string("") : $0.type == .boolean ? false : 0 }
            guard columns.allSatisfy({ $0.name != nil }) else { return ["dataframe_split": ["data": [.array(row)]]] }
            return ["dataframe_records": [.members(zip(columns, row).map { ($0.name ?? "", $1) })]]
        case .tensors(let specs):
            let isNamed = specs.contains { $0.name != nil }
            return [
                "inputs": isNamed
                    ? .members(specs.map { ($0.name ?? "", zeros($0.shape[...], $0.type)) })
                    : specs.first.map { zeros($0.shape[...], $0.type) } ?? []
            ]
        case .other, nil: return ["inputs": []]
        }
    }

    /// Of a tensor with so many elements nobody writes one by hand.
    private static let writtenElements = 2000

    private static func zeros(_ shape: ArraySlice<Int>, _ type: TensorType) -> JSON {
        guard let length = shape.first else { return type == .bool ? false : 0 }
        var elements = 1
        for length in shape {
            let (product, isBeyond) = elements.multipliedReportingOverflow(by: max(1, length))
            guard !isBeyond, product <= writtenElements else { return [] }
            elements = product
        }
        return .array(Array(repeating: zeros(shape.dropFirst(), type), count: max(1, length)))
    }

    private static func text(_ json: JSON) -> String {
        json.text.utf8.count <= 120 ? json.text : json.prettyText
    }

    /// The first row of a body, by column.
    private static func firstRow(_ body: JSON) -> JSON? {
        if let split = body["dataframe_split"], let names = split["columns"]?.arrayValue,
            let row = split["data"]?.arrayValue?.first?.arrayValue
        {
            return .members(zip(names, row).map { ($0.stringValue ?? $0.text, $1) })
        }
        let input = body["dataframe_records"] ?? body["inputs"] ?? body["instances"]
        if let rows = input?.arrayValue { return rows.first }
        return input?.memberList.map { columns in
            .members(columns.map { ($0.key, $0.value.arrayValue?.first ?? $0.value) })
        }
    }
}

extension TrialForm.Field {
    /// What is asked: what does not read as the type says goes as it is written, and the model's answer says what is wrong.
    /// Nil for a cell that is left out.
    fileprivate var value: JSON? {
        guard let text else { return isRequired ? whenEmpty : nil }
        switch type {
        case .string: return .string(text)
        case .boolean: return text == "true" ? true : text == "false" ? false : .string(text)
        case .integer, .long, .float, .double:
            let number = try? JSON.parse(text)
            return number?.doubleValue == nil ? .string(text) : number
        }
    }

    /// What an empty field stands for: an empty text, a box that is not ticked, no number.
    private var whenEmpty: JSON? {
        switch type {
        case .string: ""
        case .boolean: false
        case .integer, .long, .float, .double: nil
        }
    }
}
