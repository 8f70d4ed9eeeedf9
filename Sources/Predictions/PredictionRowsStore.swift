package import Database
import Wire

// Predictions as rows of their tables.

extension Prediction: RowDecodable {
    package init(row: Row) throws {
        let request: String = try row.get(0)
        let index: Int = try row.get(1)
        let rowCount: Int = try row.get(2)
        let masked: JSON? = try row.get(15)
        self.init(
            id: PredictionID(request: request, row: rowCount > 1 ? index : nil), endpoint: try row.get(3),
            variant: try row.get(4), model: try row.get(5), version: try row.get(6), inputs: try row.get(7),
            output: try row.get(8), latencyUs: try row.get(9), caller: try row.get(10), unit: try row.get(11),
            propensity: try row.get(12), experiment: try row.get(13), rollout: try row.get(14),
            masked: masked?.arrayValue?.compactMap(\.stringValue) ?? [], externalID: try row.get(18),
            receivedTime: try row.get(19), label: try row.get(16), labelTime: try row.get(17))
    }

    func sqlValues(rowCount: Int) -> [SQLValue] {
        let masked: JSON? = masked.isEmpty ? nil : .array(masked.map(JSON.string))
        return [
            id.request.sqlValue, (id.row ?? 0).sqlValue, rowCount.sqlValue, endpoint.sqlValue, variant.sqlValue,
            model.sqlValue, version.sqlValue, inputs.sqlValue, output.sqlValue, latencyUs.sqlValue, caller.sqlValue,
            unit.sqlValue, propensity.sqlValue, experiment.sqlValue, rollout.sqlValue, masked.sqlValue,
            externalID.sqlValue, receivedTime.sqlValue,
        ]
    }

    /// The label that it came with.
    var labelValues: [SQLValue]? {
        label.map { [id.request.sqlValue, (id.row ?? 0).sqlValue, $0.sqlValue, labelTime.sqlValue] }
    }

    func contextValues(rowCount: Int) -> [SQLValue] {
        [
            id.request.sqlValue, rowCount.sqlValue, endpoint.sqlValue, variant.sqlValue, model.sqlValue,
            version.sqlValue, unit.sqlValue, propensity.sqlValue, experiment.sqlValue, rollout.sqlValue,
            externalID.sqlValue,
        ]
    }
}

extension PredictionContext {
    init(id: PredictionID, row: Row) throws {
        self.init(
            id: id, endpoint: try row.get(2), variant: try row.get(3), model: try row.get(4), version: try row.get(5),
            unit: try row.get(6), propensity: try row.get(7), experiment: try row.get(8), rollout: try row.get(9),
            isKept: try row.get(10))
    }
}
