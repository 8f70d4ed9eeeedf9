package import Wire

/// An enumeration of MLflow's wire format: written by name, read by name or by number. Names that are not known count
/// as absent, as they do for MLflow's own server.
package protocol MLflowEnumeration: CaseIterable, RawRepresentable<String> {
    /// The number on the wire of the first case; the others count up from it.
    static var firstNumber: Int { get }
}

extension MLflowEnumeration {
    package static var firstNumber: Int { 1 }

    /// Its number on the wire.
    package var number: Int {
        let place = Self.allCases.map(\.rawValue).firstIndex(of: rawValue) ?? 0
        return Self.firstNumber + place
    }

    package init?(number: Int) {
        guard let match = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = match
    }
}

extension Fields {
    /// A member that holds a case of an enumeration; nil when it is absent or a name that is not known.
    /// - Throws: `FieldProblem` for a number that is not known and for a value that is neither name nor number.
    package func optionalCase<Case: MLflowEnumeration>(_ name: String, as type: Case.Type = Case.self) throws -> Case? {
        guard let value = try value(name) else { return nil }
        if let text = value.stringValue { return Case(rawValue: text) }
        guard let number = value.integerValue.flatMap(Int.init(exactly:)), let match = Case(number: number) else {
            let known = Case.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem.invalid(name, value, expected: "one of \(known)")
        }
        return match
    }
}

/// Whether a thing is in use or was put in the bin.
package enum LifecycleStage: String, Sendable, Hashable {
    case active, deleted
}

/// Which lifecycle stages a search looks at.
package enum ViewType: String, MLflowEnumeration, Sendable {
    case activeOnly = "ACTIVE_ONLY"
    case deletedOnly = "DELETED_ONLY"
    case all = "ALL"
}
