package import Statistics
package import Wire

extension ColumnValue {
    /// A cell of a row in JSON: null and an absent member are missing, truth values are names, and the strings that stand
    /// for numbers without a JSON form are those numbers.
    package init(_ json: JSON?) {
        switch json {
        case nil, .null: self = .missing
        case .integer(let value): self = .number(Double(value))
        case .double(let value): self = .number(value)
        case .string("NaN"): self = .number(.nan)
        case .string("Infinity"): self = .number(.infinity)
        case .string("-Infinity"): self = .number(-.infinity)
        case .string(let text): self = .text(text)
        case .bool(let value): self = .text(value ? "true" : "false")
        case .array, .object: self = .text(json?.text ?? "")
        }
    }
}
