import Console
import Wire

/// Has a server score a batch.
struct ScoringJobClient: Sendable {
    let api: APIClient

    /// How often it is asked how far it is.
    private static let pause = Duration.milliseconds(500)

    func begin(_ request: JSON) async throws -> JSON {
        try await api.post("/api/v1/batches", request)
    }

    /// Waits for the end of a batch.
    /// - Throws: `ScoringError` when it failed or was canceled.
    func wait(for batch: JSON, report: (ScoringProgress) -> Void) async throws -> JSON {
        var batch = batch
        let id = batch["batch_id"]?.stringValue ?? ""
        while true {
            switch batch["state"]?.stringValue.flatMap(ScoringJob.State.init(rawValue:)) {
            case .done: return batch
            case .failed:
                throw ScoringError.invalid(
                    "The batch \(id) failed: \(batch["message"]?.stringValue ?? "no reason given")")
            case .canceled: throw ScoringError(.conflict, "The batch \(id) was canceled.")
            case .queued, .running, nil: break
            }
            var progress = ScoringProgress()
            progress.rows = Int(batch["rows"]?.integerValue ?? 0)
            progress.failed = Int(batch["failed_rows"]?.integerValue ?? 0)
            progress.total = batch["total_rows"]?.integerValue.map { Int($0) }
            report(progress)
            try await Task.sleep(for: Self.pause)
            batch = try await api.get("/api/v1/batches/\(APIClient.escaped(id))")
        }
    }
}
