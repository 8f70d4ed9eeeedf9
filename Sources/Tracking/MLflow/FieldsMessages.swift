package import Wire

// How MLflow's requests name what many of them carry.

extension Fields {
    /// The id of a run; `run_uuid` is its old name, which clients send beside the new one.
    package func runID() throws -> String {
        if let id = try optionalString("run_uuid"), try optionalString("run_id") == nil, !id.isEmpty { return id }
        return try string("run_id")
    }

    package func experimentID() throws -> ExperimentID {
        try ExperimentID(string("experiment_id"))
    }

    package func experimentIDs() throws -> [ExperimentID] {
        try strings("experiment_ids").map(ExperimentID.init)
    }

    /// The experiments that a search looks through.
    /// - Throws: `FieldProblem` for more than a statement takes.
    package func searchedExperimentIDs() throws -> [ExperimentID] {
        let ids = try experimentIDs()
        let most = 8192
        guard ids.count <= most else {
            throw FieldProblem(
                "Invalid value for parameter 'experiment_ids' supplied: a search looks through at most \(most) "
                    + "experiments, not \(ids.count).", hint: "Search in several portions.")
        }
        return ids
    }

    /// One key with its value; an absent value is empty.
    package func tag() throws -> Tag {
        Tag(key: try string("key"), value: try optionalString("value") ?? "")
    }

    package func tags(_ name: String = "tags") throws -> [Tag] {
        try objects(name).map { try $0.tag() }
    }

    package func param() throws -> Param {
        Param(key: try string("key"), value: try optionalString("value") ?? "")
    }

    package func params(_ name: String = "params") throws -> [Param] {
        try objects(name).map { try $0.param() }
    }

    package func metric() throws -> Metric {
        let name = try optionalString("dataset_name") ?? ""
        let digest = try optionalString("dataset_digest") ?? ""
        guard name.isEmpty == digest.isEmpty else {
            throw FieldProblem("Both dataset_name and dataset_digest must be provided if one is provided.")
        }
        let model = try optionalString("model_id") ?? ""
        return Metric(
            key: try string("key"), value: try double("value"),
            timestamp: Timestamp(milliseconds: try integer("timestamp")), step: try optionalInteger("step") ?? 0,
            modelID: model.isEmpty ? nil : model, dataset: name.isEmpty ? nil : DatasetName(name: name, digest: digest))
    }

    /// Where the page asked for begins.
    package func offset() throws -> Int {
        guard let token = try optionalString("page_token"), !token.isEmpty else { return 0 }
        return try PageToken(token).offset
    }

    /// How many results are asked for.
    /// - Parameter fallback: what an absent number means; nil when it must be there.
    /// - Throws: `FieldProblem` for a number outside 1 to `maximum`.
    package func limit(default fallback: Int?, maximum: Int) throws -> Int {
        let limit = try optionalInteger("max_results").map(Int.init(clamping:)) ?? fallback ?? 0
        guard limit > 0 else {
            throw FieldProblem(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer.")
        }
        guard limit <= maximum else {
            throw FieldProblem(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be at most \(maximum).")
        }
        return limit
    }
}
