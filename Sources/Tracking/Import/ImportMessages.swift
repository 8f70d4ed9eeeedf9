package import Wire

// Records of other tracking servers, in the form in which MLflow's REST API writes them, with the lifecycle stage where
// that leaves it out. What a server once took is taken as it is: rules for names and lengths are not applied again.

extension Fields {
    package func experiment() throws -> Experiment {
        Experiment(
            id: try experimentID(), name: try string("name"),
            artifactLocation: try optionalString("artifact_location") ?? "", stage: try stage(),
            creationTime: try moment("creation_time"), lastUpdateTime: try moment("last_update_time"),
            tags: try tags())
    }

    package func importedRun() throws -> ImportedRun {
        let info = try object("info")
        let data = try optionalObject("data")
        let inputs = try optionalObject("inputs")
        let outputs = try optionalObject("outputs")
        let id = try info.runID()
        let run = Run(
            info: RunInfo(
                id: id, experimentID: try info.experimentID(), name: try info.optionalString("run_name") ?? "",
                userID: try info.optionalString("user_id") ?? "", status: try info.optionalCase("status") ?? .running,
                startTime: try info.moment("start_time"),
                endTime: try info.optionalInteger("end_time").map(Timestamp.init(milliseconds:)),
                artifactURI: try info.optionalString("artifact_uri") ?? "", stage: try info.stage()),
            metrics: [], params: try data?.params() ?? [], tags: try data?.tags() ?? [],
            datasetInputs: try inputs?.objects("dataset_inputs").map { try $0.datasetInput() } ?? [],
            modelInputs: try inputs?.objects("model_inputs").map { try $0.string("model_id") } ?? [],
            modelOutputs: try outputs?.objects("model_outputs").map { output in
                ModelOutput(modelID: try output.string("model_id"), step: try output.optionalInteger("step") ?? 0)
            } ?? [])
        let deletedAt = try info.optionalInteger("deleted_at").map(Timestamp.init(milliseconds:))
        return ImportedRun(run: run, deletedAt: deletedAt)
    }

    package func importedLoggedModel() throws -> LoggedModel {
        let info = try object("info")
        let data = try optionalObject("data")
        let metrics = try data?.objects("metrics").map { fields in
            let metric = try fields.metric()
            return Metric(
                key: metric.key, value: metric.value, timestamp: metric.timestamp, step: metric.step,
                runID: try fields.optionalString("run_id"), dataset: metric.dataset)
        }
        return LoggedModel(
            id: try info.string("model_id"), experimentID: try info.experimentID(),
            name: try info.optionalString("name") ?? "", creationTime: try info.moment("creation_timestamp_ms"),
            lastUpdateTime: try info.moment("last_updated_timestamp_ms"),
            artifactURI: try info.optionalString("artifact_uri") ?? "",
            status: try info.optionalCase("status") ?? .unspecified, stage: try info.stage(),
            modelType: try info.optionalString("model_type") ?? "",
            sourceRunID: try info.optionalString("source_run_id") ?? "", tags: try info.tags(),
            params: try data?.params() ?? [], metrics: metrics ?? [])
    }

    /// `points` is an array of `[timestamp, step, value]`.
    package func importedPoints() throws -> ImportedPoints {
        let key = try string("key")
        let points = try array("points").enumerated().map { index, json in
            guard let point = json.arrayValue, point.count == 3, let timestamp = point[0].integerValue,
                let step = point[1].integerValue,
                let value = point[2].doubleValue ?? point[2].stringValue.flatMap({ Double($0) })
            else { throw FieldProblem.invalid("points[\(index)]", json, expected: "[timestamp, step, value]") }
            return Metric(key: key, value: value, timestamp: Timestamp(milliseconds: timestamp), step: step)
        }
        guard points.count <= ImportedPoints.limit else {
            throw FieldProblem("A record holds at most \(ImportedPoints.limit) points, not \(points.count).")
        }
        return ImportedPoints(runID: try runID(), key: key, points: points)
    }

    /// A moment in milliseconds; an absent one is the beginning of 1970.
    package func moment(_ name: String) throws -> Timestamp {
        Timestamp(milliseconds: try optionalInteger(name) ?? 0)
    }

    private func stage() throws -> LifecycleStage {
        let text = try optionalString("lifecycle_stage") ?? LifecycleStage.active.rawValue
        guard let stage = LifecycleStage(rawValue: text.lowercased()) else {
            throw FieldProblem.invalid("lifecycle_stage", .string(text), expected: "'active' or 'deleted'")
        }
        return stage
    }
}
