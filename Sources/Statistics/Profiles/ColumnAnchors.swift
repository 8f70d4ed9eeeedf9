/// How the values of one column are sorted into cells: made once from the reference and then kept, so that profiles of
/// any windows can be compared and merged by adding counts.
package enum ColumnAnchors: Sendable, Equatable {
    case numeric(NumericAnchors)
    case categorical(CategoryAnchors)

    /// Numeric when every value that is there is a number, categorical otherwise (and when none is there).
    package init(reference values: some Collection<ColumnValue>) {
        var numbers: [Double] = []
        var counts: [String: Int] = [:]
        for value in values {
            switch value {
            case .missing: continue
            case .number(let number): numbers.append(number)
            case .text(let name): counts[name, default: 0] += 1
            }
        }
        guard !counts.isEmpty || numbers.isEmpty else {
            self = .numeric(NumericAnchors(reference: numbers))
            return
        }
        for number in numbers { counts[String(number), default: 0] += 1 }
        self = .categorical(CategoryAnchors(reference: counts))
    }

    /// With cells beyond both ends, for values that are only the first of what is to be told apart.
    package var widened: ColumnAnchors {
        guard case .numeric(let anchors) = self else { return self }
        return .numeric(anchors.widened)
    }

    /// About how many bytes they take.
    package var sizeBytes: Int {
        switch self {
        case .numeric(let anchors): anchors.sizeBytes
        case .categorical(let anchors): anchors.names.reduce(128) { $0 + 64 + $1.utf8.count }
        }
    }

    package static func categorical(names: [String]) -> ColumnAnchors {
        .categorical(CategoryAnchors(names: names))
    }
}
