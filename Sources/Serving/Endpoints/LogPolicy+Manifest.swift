package import Manifests
package import Predictions
import Wire

extension LogPolicy {
    /// Reads the block `log` of an endpoint.
    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    package init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["sample_percent", "mask", "retention_days", "durability"])
        self.init(
            samplePercent: try fields.optionalDouble("sample_percent", in: Self.samplePercents) ?? 100,
            mask: ColumnMask(try fields.list("mask").map(Self.column)),
            retentionDays: try fields.optionalInteger("retention_days", in: Self.retentionDaysRange),
            durability: try fields.optional("durability").map(Self.durability) ?? .process)
    }

    /// The columns of a matrix have numbers for names.
    private static func column(_ node: ManifestNode) throws -> String {
        switch node.value {
        case .scalar(.string(let name)) where !name.isEmpty: return name
        case .scalar(.integer(let number)): return String(number)
        default: throw ManifestError(at: node.place, "expected the name of a column")
        }
    }

    private static func durability(_ node: ManifestNode) throws -> Durability {
        guard case .scalar(.string(let text)) = node.value, let durability = Durability(rawValue: text) else {
            throw ManifestError(
                at: node.place, "expected 'process' or 'disk', got \(node.json.excerpt(80))",
                hint: "With 'disk' a prediction is answered once it would survive a power failure.")
        }
        return durability
    }
}
