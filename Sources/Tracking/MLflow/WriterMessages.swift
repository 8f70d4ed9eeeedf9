package import Wire

// How answers that are written piece by piece spell what they have in common.

extension JSONWriter {
    /// Writes a member that is an array; an empty one is left out, as MLflow does.
    package mutating func list<Element>(
        _ name: StaticString, _ elements: [Element], each: (inout JSONWriter, Element) -> Void
    ) {
        guard !elements.isEmpty else { return }
        self.name(name)
        array(elements, each: each)
    }

    /// Writes a param or a tag.
    mutating func pair(_ key: String, _ value: String) {
        object { writer in
            writer.member("key", key)
            writer.member("value", value)
        }
    }

    /// Writes where the next page starts, when there is one.
    mutating func nextPage(_ token: PageToken?) {
        guard let token else { return }
        member("next_page_token", token.text)
    }
}
