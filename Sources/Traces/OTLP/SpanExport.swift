import Wire

/// What one request of an OpenTelemetry exporter brings: spans of any number of traces, each with what is known of the
/// program that made it.
struct SpanExport: Sendable, Hashable {
    /// A span and the attributes of the program that made it, such as `service.name`.
    struct Entry: Sendable, Hashable {
        let span: Span
        let resource: [SpanAttribute]
    }

    let entries: [Entry]

    /// Reads an `ExportTraceServiceRequest` of OTLP in protobuf.
    /// - Throws: `TraceError` for bytes that are no such message.
    init(protobuf bytes: ArraySlice<UInt8>) throws {
        do {
            var entries: [Entry] = []
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                if field.number == 1 { entries += try Self.resourceSpans(try field.message) }
            }
            self.entries = entries
        } catch let problem as ProtobufProblem {
            throw TraceError(.invalidParameterValue, "Invalid OpenTelemetry format: \(problem.reason).")
        }
        try requireSpans()
    }

    /// Reads the same in OTLP's JSON, where ids are hexadecimal.
    /// - Throws: `FieldProblem` or `TraceError` for JSON that is no such message.
    init(json: JSON) throws {
        entries = try Fields(json).objects("resource_spans").flatMap { resourceSpans in
            let resource = try resourceSpans.optionalObject("resource")?.objects("attributes") ?? []
            let attributes = try resource.map(SpanAttribute.init)
            return try resourceSpans.objects("scope_spans").flatMap { try $0.objects("spans") }.map { span in
                Entry(span: try Span(span, ids: .hexadecimal), resource: attributes)
            }
        }
        try requireSpans()
    }

    private func requireSpans() throws {
        guard !entries.isEmpty else {
            throw TraceError(.invalidParameterValue, "Invalid OpenTelemetry format - no spans found.")
        }
        guard entries.count <= Self.maximumSpans else {
            throw TraceError(
                .tooLarge, "The export has \(entries.count) spans, more than \(Self.maximumSpans).",
                hint: "Let the exporter send smaller batches; OpenTelemetry's own default is 512.")
        }
    }

    /// All spans of an export are kept in one transaction, for which everybody else's changes wait.
    private static let maximumSpans = 20_000

    private static func resourceSpans(_ reader: ProtobufReader) throws -> [Entry] {
        var reader = reader
        var resource: [SpanAttribute] = []
        var spans: [Span] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: resource = try attributes(ofResource: try field.message)
            case 2: spans += try scopeSpans(try field.message)
            default: break
            }
        }
        return spans.map { Entry(span: $0, resource: resource) }
    }

    private static func attributes(ofResource reader: ProtobufReader) throws -> [SpanAttribute] {
        var reader = reader
        var attributes: [SpanAttribute] = []
        while let field = try reader.next() {
            if field.number == 1 { attributes.append(try SpanAttribute(try field.message)) }
        }
        return attributes
    }

    private static func scopeSpans(_ reader: ProtobufReader) throws -> [Span] {
        var reader = reader
        var spans: [Span] = []
        while let field = try reader.next() {
            if field.number == 2 { spans.append(try Span(try field.message)) }
        }
        return spans
    }
}
