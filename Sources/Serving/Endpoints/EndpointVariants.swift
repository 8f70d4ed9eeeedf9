import Manifests
import Registry
import Runtimes
import Wire

/// Reads the models that a manifest names.
enum EndpointVariants {
    /// - Parameter timeout: of the endpoint. A model that may take longer than others does not hang before it.
    /// - Throws: `ManifestError` with the line, column and path of what is wrong.
    static func read(_ spec: ManifestFields, timeout: Duration) throws -> [EndpointManifest.Variant] {
        let nodes = try spec.list("variants")
        guard !nodes.isEmpty else {
            throw ManifestError(
                at: spec.place, "an endpoint has at least one variant",
                hint: "Add 'variants: [{ name: main, model: \"models:/NAME@champion\" }]'.")
        }
        let variants = try nodes.map { try variant($0, isOnly: nodes.count == 1, timeout) }
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

    private static func variant(
        _ node: ManifestNode, isOnly: Bool, _ timeout: Duration
    ) throws -> EndpointManifest.Variant {
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
        var settings = try settings(fields)
        if timeout > WorkerLimits().answer { settings.answer = timeout }
        return EndpointManifest.Variant(name: name, source: try source(fields), weight: weight, settings: settings)
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

    private static let sourceKeys = ["model", "remote", "python", "batch"]

    private static func source(_ fields: ManifestFields) throws -> EndpointManifest.Source {
        if let remote = fields.optional("remote") {
            for key in ["model", "python", "batch"] where fields.has(key) {
                throw ManifestError(
                    at: try fields.node(key).place, "a model that is served elsewhere has no '\(key)' here")
            }
            return .remote(try self.remote(remote))
        }
        let model = try fields.string("model")
        guard let reference = try? ModelReference(model), reference.name != nil else {
            throw ManifestError(
                at: try fields.node("model").place, "'\(model)' does not name a model version",
                hint: "Write models:/NAME@ALIAS or models:/NAME/VERSION.")
        }
        return .registered(reference)
    }

    private static func remote(_ node: ManifestNode) throws -> RemoteModel {
        let fields = try ManifestFields(node, keys: ["url", "protocol", "model", "version", "headers", "timeout_ms"])
        let words = try fields.optionalString("protocol") ?? RemoteModel.Dialect.openInference.rawValue
        guard let dialect = RemoteModel.Dialect(rawValue: words) else {
            throw ManifestError(
                at: try fields.node("protocol").place, "there is no protocol '\(words)'",
                hint: "Write \(RemoteModel.Dialect.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        do {
            return try RemoteModel(
                url: try fields.string("url"), dialect: dialect, model: try fields.optionalString("model"),
                version: try fields.optionalString("version"), headers: try headers(fields),
                timeout: .milliseconds(try fields.optionalInteger("timeout_ms", in: 1...3_600_000) ?? 30_000))
        } catch let error as RuntimeError {
            throw ManifestError(at: node.place, error.message, hint: error.hint)
        }
    }

    /// Texts, and secrets that the server's environment holds: `{ env: MARTLET_SECRET_CHURN, prefix: "Bearer " }`.
    private static func headers(_ fields: ManifestFields) throws -> [String: RemoteHeader] {
        guard let node = fields.optional("headers") else { return [:] }
        guard case .mapping(let entries) = node.value else {
            throw ManifestError(
                at: node.place, "expected headers by their names",
                hint: "Write 'headers: { Authorization: { env: \(RemoteSecrets.variablePrefix)NAME } }'.")
        }
        let headers = try entries.map { entry -> (String, RemoteHeader) in
            if case .scalar(.string(let text)) = entry.value.value { return (entry.key, .text(text)) }
            let secret = try ManifestFields(entry.value, keys: ["env", "prefix"])
            return (
                entry.key,
                .secret(variable: try secret.string("env"), prefix: try secret.optionalString("prefix") ?? "")
            )
        }
        return Dictionary(headers) { $1 }
    }

    /// How a model is run here: what of its requests goes to it together, and how Python runs it.
    private static func settings(_ fields: ManifestFields) throws -> RuntimeSettings {
        var settings = RuntimeSettings()
        if let node = fields.optional("batch") {
            let batch = try ManifestFields(node, keys: ["rows", "delay_ms", "row_wise"])
            settings.batch = BatchSettings(
                rows: try batch.optionalInteger("rows", in: 1...100_000) ?? 64,
                delay: .milliseconds(try batch.optionalInteger("delay_ms", in: 0...10_000) ?? 0),
                isRowWise: try batch.optionalBool("row_wise") ?? false)
        }
        guard let node = fields.optional("python") else { return settings }
        let python = try ManifestFields(node, keys: ["workers", "memory_mb", "load_seconds", "recycle_after"])
        settings.workers = try python.optionalInteger("workers", in: 1...64) ?? settings.workers
        settings.memoryBytes = try python.optionalInteger("memory_mb", in: 64...1_048_576).map { $0 << 20 }
        settings.loading = try python.optionalInteger("load_seconds", in: 1...86_400).map { .seconds($0) }
        settings.recycleAfterRequests = try python.optionalInteger("recycle_after", in: 1...1_000_000_000)
        return settings
    }
}
