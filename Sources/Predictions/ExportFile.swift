import Synchronization

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

/// A new file that is written from its beginning to its end, and closed with its last use.
final class ExportFile: Sendable {
    private let descriptor: CInt
    private let offset = Mutex(0)

    init(path: String) throws {
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
        }
    }
}
