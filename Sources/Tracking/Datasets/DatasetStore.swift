import Database

/// Where the datasets of runs are kept: each once an experiment, and a link from each run that used it.
enum DatasetStore {
    /// The dataset inputs of some runs, in the order in which they were logged.
    static func inputs(of runs: [String], in reader: Reader) throws -> [String: [DatasetInput]] {
        var links: [(run: String, id: Int64, dataset: Dataset)] = []
        try reader.forEachRow(of: runs) { runs in
            """
            SELECT i.run_id, i.input_id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
            FROM dataset_inputs i JOIN datasets d ON d.dataset_id = i.dataset_id
            WHERE i.run_id IN \(list: runs) ORDER BY i.input_id
            """
        } _: { row in
            links.append((try row.get(0), try row.get(1), try dataset(row)))
        }
        let tags = try reader.tags(of: links.map(\.id), table: "dataset_input_tags", owner: "input_id")
        return Dictionary(grouping: links, by: \.run).mapValues { links in
            links.map { DatasetInput(dataset: $0.dataset, tags: tags[$0.id] ?? []) }
        }
    }

    private static func dataset(_ row: Row) throws -> Dataset {
        Dataset(
            name: try row.get(2), digest: try row.get(3), sourceType: try row.get(4), source: try row.get(5),
            schema: try row.get(6), profile: try row.get(7))
    }

    /// Links a dataset to a run. A link that is there already keeps its tags.
    static func add(_ input: DatasetInput, to run: RunInfo, in transaction: Transaction) throws {
        let dataset = input.dataset
        try transaction.execute(
            """
            INSERT INTO datasets (experiment_id, name, digest, source_type, source, schema, profile)
            VALUES (\(run.experimentID), \(dataset.name), \(dataset.digest), \(dataset.sourceType), \(dataset.source),
                    \(dataset.schema), \(dataset.profile))
            ON CONFLICT (experiment_id, name, digest) DO NOTHING
            """)
        let link = try transaction.value(
            """
            INSERT INTO dataset_inputs (run_id, dataset_id)
            SELECT \(run.id), dataset_id FROM datasets
            WHERE experiment_id = \(run.experimentID) AND name = \(dataset.name) AND digest = \(dataset.digest)
            ON CONFLICT (run_id, dataset_id) DO NOTHING RETURNING input_id
            """, as: Int64.self)
        guard let link else { return }
        for tag in input.tags {
            try transaction.execute(
                "INSERT INTO dataset_input_tags (input_id, key, value) VALUES (\(link), \(tag.key), \(tag.value))")
        }
    }
}
