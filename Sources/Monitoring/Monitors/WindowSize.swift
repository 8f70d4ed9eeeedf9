import Manifests
package import Wire

/// How much traffic a window holds.
package enum WindowSize: Sendable, Hashable {
    /// So many predictions.
    case rows(Int)
    /// The predictions of so many minutes, counted from 1970.
    case minutes(Int)

    package static let standard = WindowSize.rows(500)

    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["rows", "minutes"])
        let rows = try fields.optionalInteger("rows", in: MonitorWindow.minimumRows...1_000_000)
        let minutes = try fields.optionalInteger("minutes", in: 1...10_080)
        switch (rows, minutes) {
        case (let rows?, nil): self = .rows(rows)
        case (nil, let minutes?): self = .minutes(minutes)
        default: throw ManifestError(at: fields.place, "say either 'rows' or 'minutes'")
        }
    }

    /// In words, such as `50 rows`.
    package var words: String {
        switch self {
        case .rows(let count): "\(count) rows"
        case .minutes(1): "1 minute"
        case .minutes(let count): "\(count) minutes"
        }
    }
}

extension WindowSize: JSONRepresentable {
    package var json: JSON {
        switch self {
        case .rows(let count): ["rows": .integer(Int64(count))]
        case .minutes(let count): ["minutes": .integer(Int64(count))]
        }
    }
}
