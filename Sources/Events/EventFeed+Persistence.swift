import Wire

extension EventFeed {
    /// Runs `body`, which follows events, until it has come to their end or its task is cancelled. A database that cannot be
    /// read for a while ends neither it nor the server: it begins anew a second later.
    /// - Parameter tell: is told of each failure, with its reason.
    package static func persistently(_ body: () async throws -> Void, onFailure tell: (_ reason: String) -> Void) async
    {
        while !Task.isCancelled {
            do {
                return try await body()
            } catch is CancellationError {
                return
            } catch {
                tell((error as? any Problem)?.description ?? "\(error)")
                try? await Task.sleep(for: rest)
            }
        }
    }

    /// How long a database is left alone that failed.
    private static let rest = Duration.seconds(1)
}
