package import Wire

/// A part of the traffic of an endpoint. Nil leaves a side open, so that the slice without any is the whole traffic.
package struct TrafficSlice: Sendable, Hashable {
    package var variant: String?
    package var model: String?
    /// Of `model`.
    package var version: Int?
    /// The name of a segment, such as `country = DE`.
    package var segment: String?

    package static let whole = TrafficSlice()

    package init(variant: String? = nil, model: String? = nil, version: Int? = nil, segment: String? = nil) {
        self.variant = variant
        self.model = model
        self.version = version
        self.segment = segment
    }

    /// In words, such as `main, churn/3, country = DE`; `all traffic` for the whole.
    package var words: String {
        let model = model.map { name in version.map { "\(name)/\($0)" } ?? name }
        let sides = [variant, model, segment].compactMap(\.self)
        return sides.isEmpty ? "all traffic" : sides.joined(separator: ", ")
    }
}

extension TrafficSlice: JSONRepresentable {
    package var json: JSON {
        .compact([
            "variant": variant.map(JSON.string), "model": model.map(JSON.string),
            "version": version.map { .integer(Int64($0)) }, "segment": segment.map(JSON.string),
        ])
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a slice.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        self.init(
            variant: try fields.optionalString("variant"), model: try fields.optionalString("model"),
            version: try fields.optionalInteger("version").map { Int($0) },
            segment: try fields.optionalString("segment"))
    }
}

extension TrafficSlice: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let variant { writer.member("variant", variant) }
            if let model { writer.member("model", model) }
            if let version { writer.member("version", Int64(version)) }
            if let segment { writer.member("segment", segment) }
        }
    }
}
