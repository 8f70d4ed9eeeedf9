import Tracking
import Wire

/// What calls of language models used up, of which a span says numbers by name in one attribute, and a trace the sums in
/// one piece of metadata.
package enum Usage: CaseIterable, Sendable {
    case tokens
    /// In US dollars.
    case cost

    /// The attribute of a span.
    var attribute: String { self == .tokens ? "mlflow.chat.tokenUsage" : "mlflow.llm.cost" }
    /// The metadata of a trace.
    var metadata: String { self == .tokens ? "mlflow.trace.tokenUsage" : "mlflow.trace.cost" }

    /// The names of the numbers that sums always have, in their order.
    var keys: [String] {
        switch self {
        case .tokens: ["input_tokens", "output_tokens", "total_tokens"]
        case .cost: ["input_cost", "output_cost", "total_cost"]
        }
    }

    /// The names that sums have when a span has them.
    var optionalKeys: [String] {
        switch self {
        case .tokens:
            [
                "cache_read_input_tokens", "cache_creation_input_tokens",
                "cache_creation_input_tokens_above_1hr",
            ]
        case .cost: []
        }
    }

    /// The numbers that a JSON object has under names that are known; others are left out, and so is what is not a finite
    /// number, or for tokens not a whole one.
    func numbers(in json: JSON) -> [String: Double] {
        var numbers: [String: Double] = [:]
        for key in keys + optionalKeys {
            guard let number = json[key]?.doubleValue, number.isFinite else { continue }
            if self == .cost || Int64(exactly: number) != nil { numbers[key] = number }
        }
        return numbers
    }

    /// One span as sums see it.
    struct Node: Sendable, Hashable {
        let id: String
        let parentID: String?
        /// Nil when the span says nothing of usage.
        let numbers: [String: Double]?
    }

    /// The sums over the spans of a trace. What lies below a span that says its usage is not counted: libraries say on the
    /// outer span what its inner ones used in all. Nil when no span says anything.
    func sums(of nodes: [Node]) -> [String: Double]? {
        let known = Set(nodes.map(\.id))
        let children = Dictionary(grouping: nodes) { node in node.parentID.flatMap { known.contains($0) ? $0 : nil } }
        var sums: [String: Double]?
        // A list in place of recursion: a trace may be deeper than the stack. What lies in a circle is never reached.
        var waiting = children[nil] ?? []
        while let node = waiting.popLast() {
            guard let numbers = node.numbers else {
                waiting += children[node.id] ?? []
                continue
            }
            let before = sums ?? Dictionary(uniqueKeysWithValues: keys.map { ($0, 0) })
            sums = before.merging(numbers) { $0 + $1 }
        }
        return sums
    }

    /// Numbers as metadata has them: as Python's `json.dumps` writes them, because filters compare the text.
    func text(of numbers: [String: Double]) -> String {
        let members = (keys + optionalKeys).compactMap { key -> String? in
            guard let number = numbers[key] else { return nil }
            let json = self == .tokens ? Int64(exactly: number).map(JSON.integer) : .double(number)
            return json.map { "\"\(key)\": \($0.text)" }
        }
        return "{\(members.joined(separator: ", "))}"
    }
}

extension Span {
    /// What the span says of usage; nil when it says nothing. Where MLflow's attribute is missing, that of OpenTelemetry's
    /// conventions for generative AI counts (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/).
    func numbers(of usage: Usage) -> [String: Double]? {
        if let value = attribute(usage.attribute) {
            guard case .object = value.document else { return nil }
            return usage.numbers(in: value.document)
        }
        guard usage == .tokens else { return nil }
        func count(_ key: String) -> Double? { attribute("gen_ai.usage.\(key)")?.document.doubleValue }
        let input = count("input_tokens")
        let output = count("output_tokens")
        guard input != nil || output != nil else { return nil }
        let total = input.flatMap { input in output.map { input + $0 } }
        let created = count("cache_write.input_tokens") ?? count("cache_creation.input_tokens")
        let all = [
            ("input_tokens", input), ("output_tokens", output), ("total_tokens", total),
            ("cache_read_input_tokens", count("cache_read.input_tokens")), ("cache_creation_input_tokens", created),
        ]
        return usage.numbers(in: .members(all.compactMap { key, count in count.map { (key, .double($0)) } }))
    }

    /// The language model that was called, at most 500 characters.
    var model: String? {
        word(["mlflow.llm.model", "gen_ai.response.model", "gen_ai.request.model"])
    }

    /// Who runs the model.
    var provider: String? { word(["mlflow.llm.provider", "gen_ai.provider.name"]) }

    /// The first of some attributes that there is and that is text.
    private func word(_ keys: [String]) -> String? {
        keys.lazy.compactMap { attribute($0)?.document.stringValue?.storable.cut(to: 500) }.first
    }
}

extension SpanValue {
    /// The value as plain JSON; text that is a JSON document, as some exporters send values, is what it says.
    var document: JSON {
        guard case .string(let text) = self else { return plain }
        return (try? JSON.parse(text)) ?? .string(text)
    }
}
