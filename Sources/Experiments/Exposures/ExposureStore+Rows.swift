package import Database
import Wire

// How experiments stand in their tables.

extension OnlineExperiment: RowDecodable {
    package init(row: Row) throws {
        let text: String = try row.get(0)
        guard let id = ExperimentID(text) else {
            throw ExperimentError(.internalError, "'\(text)' is not the id of an experiment.")
        }
        let arms = try JSON.parse(try row.get(1, as: String.self)).arrayValue ?? []
        let spec = try JSON.parse(try row.get(2, as: String.self))
        self.init(
            id, arms: arms.compactMap(\.stringValue), spec: try spec["experiment"].map(ExperimentSpec.init(json:)),
            bandit: try spec["bandit"].map(BanditSpec.init(json:)))
    }

    /// What is kept of it beside its id and its arms.
    var declaration: JSON {
        .compact(["experiment": spec?.json, "bandit": bandit?.json])
    }
}

extension ExperimentPeriod: RowDecodable {
    package init(row: Row) throws {
        let shares = try JSON.parse(try row.get(1, as: String.self)).arrayValue ?? []
        self.init(start: try row.get(0), shares: shares.compactMap(\.doubleValue))
    }
}
