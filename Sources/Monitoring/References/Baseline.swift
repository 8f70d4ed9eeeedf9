import Incidents
import Wire

/// What a slice was like when it began: its first rows. What no chosen reference tells of is compared with them: what the model
/// answers, segments, and everything of a version whose training data is not known.
struct Baseline: Sendable {
    /// Fewer rows are no baseline yet.
    static let minimumRows = 500

    let monitor: String
    let slice: TrafficSlice

    /// Under which it is kept.
    var context: String { "\(Self.prefix(of: monitor))\(slice.variant ?? ""):\(slice.segment ?? "")" }

    static let prefix = "baseline:"

    static func prefix(of monitor: String) -> String { "\(prefix)\(monitor):" }

    /// - Returns: nil while there are too few rows.
    func reference(of record: WindowRecord, at now: Timestamp) -> Reference? {
        guard record.keptRows >= Self.minimumRows, let model = slice.model, let version = slice.version else {
            return nil
        }
        return Reference(of: record, model: model, version: version, context: context, at: now)
    }
}
