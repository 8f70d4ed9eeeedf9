package import Statistics

/// How the values of a column are compared.
package enum ColumnKind: String, Sendable, Hashable {
    case numeric, categorical

    package init(_ anchors: ColumnAnchors) {
        switch anchors {
        case .numeric: self = .numeric
        case .categorical: self = .categorical
        }
    }
}
