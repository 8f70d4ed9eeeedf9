package import Manifests
import Statistics
import Wire

/// A part of a monitor's traffic that is watched for itself: one of a manifest's `segments`.
///
///     segments:
///       - { column: country, limit: 20 }
///       - { name: elderly, where: "age >= 65 AND country = 'DE'" }
package enum Segment: Sendable, Hashable {
    /// Each value of a column is a segment; values beyond `limit` share one.
    case values(column: String, limit: Int)
    case named(String, SegmentCondition)

    /// - Throws: `ManifestError` with the place of what is wrong, in a condition with a caret under it.
    package init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["column", "limit", "name", "where"])
        let column = try fields.optionalString("column")
        guard let place = fields.optional("where") else {
            guard let column, fields.optional("name") == nil else {
                throw ManifestError(at: fields.place, "say either 'column', or 'name' and 'where'")
            }
            self = .values(column: column, limit: try fields.optionalInteger("limit", in: 1...200) ?? 20)
            return
        }
        guard column == nil, fields.optional("limit") == nil else {
            throw ManifestError(at: fields.place, "say either 'column', or 'name' and 'where'")
        }
        let text = try fields.string("where")
        do {
            self = .named(try fields.string("name"), try SegmentCondition(text))
        } catch let problem as SegmentSyntaxProblem {
            throw ManifestError(
                at: place.place, "at character \(problem.place + 1) of the condition: \(problem.reason)",
                hint: "\n\(problem.pointed)")
        }
    }

    /// The list under `segments` of a monitor's spec.
    /// - Throws: `ManifestError` also when two segments have one name.
    package static func all(_ nodes: [ManifestNode]) throws -> [Segment] {
        var seen: Set<String> = []
        return try nodes.map { node in
            let segment = try Segment(node)
            guard seen.insert(segment.key).inserted else {
                throw ManifestError(at: node.place, "there are two segments \(segment.key)")
            }
            return segment
        }
    }

    private var key: String {
        switch self {
        case .values(let column, _): "of the column '\(column)'"
        case .named(let name, _): "with the name '\(name)'"
        }
    }
}
