extension JSON {
    /// The value with null for numbers that are not finite, for which JSON has no word.
    package var finite: JSON {
        switch self {
        case .double(let value): value.isFinite ? self : .null
        case .array(let elements): .array(elements.map(\.finite))
        case .object(let members): .members(members.map { ($0.key, $0.value.finite) })
        case .null, .bool, .integer, .string: self
        }
    }
}
