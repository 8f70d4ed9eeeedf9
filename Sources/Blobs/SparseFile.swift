import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An object as a file of this machine, for programs that look into a large file here and there.
///
/// Of an object in a bucket the file has the whole length and holds what was fetched; the rest are holes, which take no
/// room. The file goes with the last use of this value.
package final class SparseFile: Sendable {
    /// Absolute; the name says nothing of the object's.
    package let path: String
    /// The object as it was when it was opened.
    package let content: BlobContent
    /// Whether all of the object is there, and nothing need be fetched.
    package let isWhole: Bool
    private let threads: NIOThreadPool

    /// A stand-in for a file that is here already.
    init(of content: BlobContent, at target: String, link path: String, threads: NIOThreadPool) throws {
        guard symlink(target, path) == 0 else { throw LocalFile.failure(errno, path) }
        self.path = path
        self.content = content
        self.threads = threads
        isWhole = true
    }

    /// A file of holes.
    init(of content: BlobContent, at path: String, threads: NIOThreadPool) throws {
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LocalFile.failure(errno, path) }
        defer { close(descriptor) }
        self.path = path
        self.content = content
        self.threads = threads
        isWhole = false
        guard ftruncate(descriptor, off_t(content.totalBytes)) == 0 else {
            unlink(path)
            throw LocalFile.failure(errno, path)
        }
    }

    deinit {
        threads.submit { [path] _ in _ = unlink(path) }
    }

    /// Fills in a range, unless the file is whole.
    /// - Throws: `BlobError` when the object was replaced meanwhile or the disk is full.
    package func fetch(_ range: Range<Int>) async throws {
        guard !isWhole, !range.isEmpty else { return }
        var position = range.lowerBound
        for try await chunk in content.slice(range) {
            try await threads.runIfActive { [path, position] in try Self.write(chunk, to: path, at: position) }
            position += chunk.readableBytes
        }
    }

    private static func write(_ chunk: ByteBuffer, to path: String, at position: Int) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LocalFile.failure(errno, path) }
        defer { close(descriptor) }
        try chunk.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
                let count = pwrite(descriptor, start, rest.count, off_t(position + bytes.count - rest.count))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw LocalFile.failure(errno, path) }
                rest = rest.dropFirst(count)
            }
        }
    }
}
