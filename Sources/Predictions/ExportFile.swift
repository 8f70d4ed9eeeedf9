import Synchronization
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A new file that is written from its beginning to its end, as long as its disk has room to spare, and closed with its last
/// use.
final class ExportFile: Sendable {
    private let descriptor: CInt
    private let offset = Mutex(0)
    private let reserveBytes: Int

    /// - Parameter reserveBytes: so much stays free beside the file and another one as large.
    init(path: String, reserveBytes: Int) throws {
        self.reserveBytes = reserveBytes
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw JournalFolder.failure("be written", of: "export") }
    }

    deinit {
        _ = JournalFolder.closeFile(descriptor)
    }

    /// Blocks.
    /// - Throws: `PredictionError` when the disk is full.
    func append(_ bytes: [UInt8]) throws {
        try offset.withLock { offset in
            guard JournalFolder.write(bytes, to: descriptor, at: offset) else {
                throw JournalFolder.failure("be written", of: "export")
            }
            offset += bytes.count
            guard freeBytes - offset >= reserveBytes else {
                throw PredictionError(
                    .storageFull, "The disk of the data folder has no room for this export.",
                    hint: "Export a shorter time, or as format=ndjson, which needs no room.")
            }
        }
    }

    /// What everybody may still write to the disk.
    private var freeBytes: Int {
        var space = statvfs()
        guard fstatvfs(descriptor, &space) == 0 else { return .max }
        return Int(clamping: UInt64(space.f_bavail) * UInt64(space.f_frsize))
    }
}
