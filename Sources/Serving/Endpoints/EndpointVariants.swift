import Manifests
import Registry
import Runtimes

/// Reads the models that a manifest names.
enum EndpointVariants {
    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    static func read(_ spec: ManifestFields) throws -> [EndpointManifest.Variant] {
        let nodes = try spec.list("variants")
        guard !nodes.isEmpty else {
            throw ManifestError(
                at: spec.place, "an endpoint has at least one variant",
                hint: "Add 'variants: [{ name: main, model: \"models:/NAME@champion\" }]'.")
        }
        let variants = try nodes.map { try variant($0, isOnly: nodes.count == 1) }
        var names: Set<String> = []
        for (node, name) in zip(nodes, variants.map(\.name)) where !names.insert(name).inserted {
            throw ManifestError(at: node.place, "there is a variant '\(name)' already")
        }
        let sum = variants.map(\.weight).reduce(0, +)
        guard sum == 100 else {
            throw ManifestError(
                at: nodes[nodes.count - 1].place, "the weights of the variants must add up to 100; these make \(sum)")
        }
        return variants
    }

    private static func variant(_ node: ManifestNode, isOnly: Bool) throws -> EndpointManifest.Variant {
        let fields = try ManifestFields(node, keys: ["name", "weight"] + sourceKeys)
        let name = try fields.optionalString("name") ?? (isOnly ? "main" : fields.string("name"))
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte) else {
            throw ManifestError(
                at: try fields.node("name").place, "'\(name)' is no name for a variant",
                hint: "Use up to 64 letters, digits, '-', '_' and '.'.")
        }
        let weight = try fields.optionalInteger("weight", in: 0...100)
        guard let weight = weight ?? (isOnly ? 100 : nil) else {
            throw ManifestError(
                at: node.place, "the key 'weight' is missing", hint: "Weights are percents and add up to 100.")
        }
        return EndpointManifest.Variant(
            name: name, source: try source(fields), weight: weight, settings: try settings(fields))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    static func shadow(_ node: ManifestNode) throws -> EndpointManifest.Shadow {
        let fields = try ManifestFields(node, keys: ["percent"] + sourceKeys)
        return EndpointManifest.Shadow(
            source: try source(fields), percent: try fields.optionalInteger("percent", in: 1...100) ?? 100,
            settings: try settings(fields))
    }

    // MARK: Models

    private static let sourceKeys = ["model", "python"]

    private static func source(_ fields: ManifestFields) throws -> EndpointManifest.Source {
        let model = try fields.string("model")
        guard let reference = try? ModelReference(model), reference.name != nil else {
            throw ManifestError(
                at: try fields.node("model").place, "'\(model)' does not name a model version",
                hint: "Write models:/NAME@ALIAS or models:/NAME/VERSION.")
        }
        return .registered(reference)
    }

    /// How Python runs a model; other runtimes have nothing to set.
    private static func settings(_ fields: ManifestFields) throws -> RuntimeSettings {
        var settings = RuntimeSettings()
        guard let node = fields.optional("python") else { return settings }
        let python = try ManifestFields(node, keys: ["workers", "memory_mb", "batch"])
        settings.workers = try python.optionalInteger("workers", in: 1...64) ?? settings.workers
        settings.memoryBytes = try python.optionalInteger("memory_mb", in: 64...1_048_576).map { $0 << 20 }
        if let node = python.optional("batch") {
            let batch = try ManifestFields(node, keys: ["rows", "delay_ms"])
            settings.batch = BatchSettings(
                rows: try batch.optionalInteger("rows", in: 1...100_000) ?? 64,
                delay: .milliseconds(try batch.optionalInteger("delay_ms", in: 0...10_000) ?? 0))
        }
        return settings
    }
}
