import Database

/// Where the datasets of runs are kept: each once an experiment, and a link from each run that used it.
enum DatasetStore {
    private static let inputs = OwnedRows(
        "i.input_id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile",
        from: "dataset_inputs i JOIN datasets d ON d.dataset_id = i.dataset_id", owner: "i.run_id",
        orderedBy: "i.input_id")

    /// The dataset inputs of some runs, in the order in which they were logged; at each run's place.
    static func inputs(of runs: [String], in reader: Reader) throws -> [[DatasetInput]] {
        var links: [(run: Int, id: Int64, dataset: Dataset)] = []
        try reader.forEachRow(inputs, of: runs) { run, row in
            links.append((run, try row.get(0), try dataset(row)))
        }
        let tags = try reader.tags(of: links.map(\.id), table: "dataset_input_tags", owner: "input_id")
        var inputs: [[DatasetInput]] = Array(repeating: [], count: runs.count)
        for (link, tags) in zip(links, tags) {
            inputs[link.run].append(DatasetInput(dataset: link.dataset, tags: tags))
        }
        return inputs
    }

    private static func dataset(_ row: Row) throws -> Dataset {
        Dataset(
            name: try row.get(1), digest: try row.get(2), sourceType: try row.get(3), source: try row.get(4),
            schema: try row.get(5), profile: try row.get(6))
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
