import NIOCore
import NIOPosix
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file being written that has no name yet which anyone would look under.
///
/// writing → finished | discarded; only its writer calls it, one call at a time.
final class PartialFile: Sendable {
    private let path: String
    private let descriptor: Int32
    private let sizeBytes = Mutex(0)

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LocalFile.failure(errno, path) }
    }

    deinit {
        close(descriptor)
    }

    func append(_ chunk: ByteBuffer) throws {
        try chunk.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
                let count = write(descriptor, start, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw LocalFile.failure(errno, path) }
                rest = rest.dropFirst(count)
            }
        }
        sizeBytes.withLock { $0 += chunk.readableBytes }
    }

    /// Makes the content durable and gives it its name.
    func finish(as target: String) throws -> Int {
        guard fsync(descriptor) == 0 else { throw LocalFile.failure(errno, target) }
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
        try LocalFile.makeFolders(folder)
        guard rename(path, target) == 0 else { throw LocalFile.failure(errno, target) }
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if parent >= 0 {
            fsync(parent)
            close(parent)
        }
        return sizeBytes.withLock { $0 }
    }

    func discard() {
        unlink(path)
    }

    /// Writes a file from its chunks: it is at `target` whole or not at all.
    /// - Parameter partial: where it is while it is not whole.
    /// - Returns: its size in bytes.
    static func store(
        _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable, to target: String, by partial: String,
        _ threads: NIOThreadPool
    ) async throws -> Int {
        let file = try await threads.runIfActive { try PartialFile(path: partial) }
        do {
            for try await chunk in chunks {
                try await threads.runIfActive { try file.append(chunk) }
            }
            return try await threads.runIfActive { try file.finish(as: target) }
        } catch {
            // Not in this task, which may be cancelled.
            await Task { try? await threads.runIfActive { file.discard() } }.value
            throw error
        }
    }
}
