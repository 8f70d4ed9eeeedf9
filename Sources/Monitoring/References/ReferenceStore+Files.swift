import Blobs
import Database
import Incidents
import NIOCore
import Wire

// Files of rows that were sent to be compared with.

extension ReferenceStore {
    /// The folder of files that were sent.
    private static let folder = "monitor-references"
    /// A file that was sent so long ago is named by its monitor, or never will be.
    static let sending = Duration.seconds(86_400)

    /// Keeps a file of rows that a monitor is to compare with.
    /// - Returns: the key that `reference: { file: … }` takes.
    /// - Throws: `MonitorError` when it cannot be read, or holds rows of something else than what the monitor sees.
    func keep(
        _ body: any AsyncSequence<ByteBuffer, any Error> & Sendable, named name: String, for status: MonitorStatus,
        at now: Timestamp
    ) async throws -> String {
        let key = try BlobKey("\(Self.folder)/\(status.monitor.name)/\(now.milliseconds)/\(name)")
        let table = try await source.keep(body, at: key)
        let seen = Set((status.lastWindow?.columns ?? []).compactMap(\.subject))
        guard seen.isEmpty || table.columns.contains(where: { seen.contains($0.name) }) else {
            try? await source.drop(key)
            throw MonitorError(
                .invalidParameterValue,
                "'\(name)' has none of the columns that come to endpoint '\(status.monitor.endpoint)': it holds rows of "
                    + "another model.",
                hint: "Columns that came are \(seen.sorted().prefix(8).joined(separator: ", ")).")
        }
        return key.path
    }

    /// Lets go of files that nothing was ever compared with: a server ended before their monitor named them.
    /// - Parameter named: the keys that monitors name.
    func dropLeftovers(besides named: Set<String>) async throws {
        let made = try await database.read { reader in
            try reader.values(
                "SELECT DISTINCT context FROM monitor_references WHERE context LIKE 'file:%' AND failure IS NULL",
                as: String.self)
        }
        let used = named.union(made.map { String($0.dropFirst("file:".count)) })
        let limit = clock.now + (.zero - Self.sending)
        for key in try await source.files(in: BlobKey(Self.folder), sentBefore: limit) where !used.contains(key.path) {
            try await source.drop(key)
        }
    }
}
