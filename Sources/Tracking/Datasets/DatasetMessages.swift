import Wire

extension Fields {
    /// A dataset as an input of a run.
    /// - Throws: `FieldProblem` for what is missing, too long or given twice.
    func datasetInput() throws -> DatasetInput {
        let fields = try object("dataset")
        let limits = Dataset.limits
        let dataset = Dataset(
            name: try fields.bounded("name", limits.name, fields.string("name")),
            digest: try fields.bounded("digest", limits.digest, fields.string("digest")),
            sourceType: try fields.optionalString("source_type") ?? "",
            source: try fields.bounded("source", limits.source, fields.optionalString("source")) ?? "",
            schema: try fields.bounded("schema", limits.schema, fields.optionalString("schema")),
            profile: try fields.bounded("profile", limits.profile, fields.optionalString("profile")))
        let tags = try objects("tags").map { fields in
            let tag = try fields.tag()
            _ = try fields.bounded("key", DatasetInput.maximumTagKeyLength, tag.key)
            _ = try fields.bounded("value", DatasetInput.maximumTagValueLength, tag.value)
            return tag
        }
        try tags.requireUniqueKeys()
        return DatasetInput(dataset: dataset, tags: tags)
    }

    private func bounded(_ name: String, _ limit: Int, _ text: String) throws -> String {
        guard text.isLonger(than: limit) else { return text }
        throw FieldProblem("'\(name)' exceeds the maximum length of \(limit) characters.")
    }

    private func bounded(_ name: String, _ limit: Int, _ text: String?) throws -> String? {
        try text.map { try bounded(name, limit, $0) }
    }
}
