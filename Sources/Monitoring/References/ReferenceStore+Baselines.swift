import Database
import Incidents
import Wire

// What the traffic of slices began with.

extension ReferenceStore {
    /// The baseline of a slice, if it has been made.
    func kept(_ baseline: Baseline) async throws -> Reference? {
        guard let model = baseline.slice.model, let version = baseline.slice.version,
            case .made(let reference) = try await entry(
                model: model, version: version, context: baseline.context, rows: ReferenceSample.rowLimit)
        else { return nil }
        return reference
    }

    /// Keeps a baseline.
    func keep(_ baseline: Reference) async throws {
        try await store(baseline)
    }

    /// Drops what a monitor's slices began with.
    static func forgetBaselines(of monitor: String, in transaction: Transaction) throws {
        // Names of monitors have no character that LIKE reads otherwise.
        try drop("context LIKE \(Baseline.prefix(of: monitor) + "%")", in: transaction)
    }

    /// Drops what the traffic of a version began with.
    func forgetBaselines(model: String, version: Int) async throws {
        try await database.write { transaction in
            let ofVersion: SQL = "model = \(model) AND version = \(version)"
            try Self.drop("\(ofVersion) AND context LIKE \(Baseline.prefix + "%")", in: transaction)
            try transaction.execute("DELETE FROM monitor_baselines WHERE \(ofVersion)")
        }
    }

    private static func drop(_ condition: SQL, in transaction: Transaction) throws {
        for table: SQL in ["monitor_reference_rows", "monitor_reference_columns", "monitor_references"] {
            try transaction.execute("DELETE FROM \(table) WHERE \(condition)")
        }
    }
}
