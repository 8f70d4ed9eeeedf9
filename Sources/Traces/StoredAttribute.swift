import Wire

/// An attribute's value as a column keeps it: once, exactly, and as people search for it.
struct StoredAttribute: Hashable {
    enum Form: Int {
        /// The text itself.
        case text = 0
        /// Plain JSON, from which the value follows.
        case plain = 1
        /// The message as JSON, because plain JSON would lose some of it, such as a NaN or which of two equal keys is first.
        case message = 2
    }

    let form: Form
    let text: String

    init(form: Form, text: String) {
        self.form = form
        self.text = text
    }

    init(_ value: SpanValue) {
        switch value {
        case .string(let text) where !text.utf8.contains(0): self.init(form: .text, text: text)
        default:
            self =
                value.isSaidByPlainJSON
                ? StoredAttribute(form: .plain, text: value.plain.text)
                : StoredAttribute(form: .message, text: value.json.text)
        }
    }

    /// - Throws: `JSONSyntaxError` or `FieldProblem` when the column was tampered with.
    func value() throws -> SpanValue {
        switch form {
        case .text: .string(text)
        case .plain: SpanValue(plain: try JSON.parse(text))
        case .message: try SpanValue(Fields(JSON.parse(text)))
        }
    }
}

extension SpanValue {
    /// Whether its plain JSON, written and read, is the same value again.
    fileprivate var isSaidByPlainJSON: Bool {
        switch self {
        case .none, .bool, .int, .string: true
        case .double(let number): number.isFinite
        case .bytes: false
        case .array(let values): values.allSatisfy(\.isSaidByPlainJSON)
        case .keyValues(let members):
            Set(members.map(\.key)).count == members.count && members.allSatisfy(\.value.isSaidByPlainJSON)
        }
    }
}
