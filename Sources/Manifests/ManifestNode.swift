package import Wire

/// A value in a manifest together with where it stands, so that every complaint can point at it.
package struct ManifestNode: Sendable, Hashable {
    package indirect enum Value: Sendable, Hashable {
        /// Never an array or an object.
        case scalar(JSON)
        case list([ManifestNode])
        case mapping([Entry])
    }

    package struct Entry: Sendable, Hashable {
        package let key: String
        /// Where the key stands.
        package let place: ManifestPlace
        package let value: ManifestNode
    }

    package let value: Value
    package let place: ManifestPlace

    /// The value without its places.
    package var json: JSON {
        switch value {
        case .scalar(let json): json
        case .list(let nodes): .array(nodes.map(\.json))
        case .mapping(let entries): .members(entries.map { ($0.key, $0.value.json) })
        }
    }

    var kindName: String {
        switch value {
        case .scalar(let json): json.kindName
        case .list: "list"
        case .mapping: "mapping"
        }
    }
}

/// Where something stands in a manifest: the line and column of the file, and the path within the document.
package struct ManifestPlace: Sendable, Hashable {
    package let line: Int
    package let column: Int
    /// Such as `spec.variants[0].weight`; empty for the document itself.
    package let path: String
}

/// What is wrong with a manifest, and where.
package struct ManifestError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?
    /// Nil when it is not about one place.
    package let place: ManifestPlace?

    package init(
        _ code: ProblemCode = .invalidParameterValue, _ message: String, hint: String? = nil,
        at place: ManifestPlace? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place
    }

    package init(at place: ManifestPlace, _ reason: String, hint: String? = nil) {
        let subject = place.path.isEmpty ? "" : "\(place.path): "
        self.init(
            .invalidParameterValue, "Line \(place.line), column \(place.column): \(subject)\(reason).", hint: hint,
            at: place)
    }
}
