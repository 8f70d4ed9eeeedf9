import NIOCore
import NIOPosix
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes of a file, in chunks that are read only when they are asked for. A file replaced meanwhile is still read as
/// it was when it was opened.
struct FileChunks: BlobChunks {
    let file: OpenFile
    let range: Range<Int>
    let threads: NIOThreadPool

    func makeAsyncIterator() -> Iterator {
        Iterator(file: file, position: range.lowerBound, end: range.upperBound, threads: threads)
    }

    struct Iterator: AsyncIteratorProtocol {
        let file: OpenFile
        var position: Int
        let end: Int
        let threads: NIOThreadPool

        mutating func next() async throws -> ByteBuffer? {
            guard position < end else { return nil }
            let count = Swift.min(LocalBlobs.chunkBytes, end - position)
            let chunk = try await threads.runIfActive { [file, position] in
                try file.read(at: position, count: count)
            }
            guard chunk.readableBytes > 0 else { return nil }
            position += chunk.readableBytes
            return chunk
        }
    }
}

/// A file open for reading, closed when nobody reads it any more.
final class OpenFile: Sendable {
    private let descriptor: Int32
    private let path: String
    let info: BlobInfo

    init(path: String, key: BlobKey) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw LocalFile.failure(errno, path) }
            throw BlobError.missing(key)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw BlobError.isFolder(key)
        }
        info = BlobInfo(status, name: key.name)
    }

    deinit {
        close(descriptor)
    }

    func read(at offset: Int, count: Int) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            while true {
                let got = pread(descriptor, bytes.baseAddress, count, off_t(offset))
                if got >= 0 { return got }
                guard errno == EINTR else { throw LocalFile.failure(errno, path) }
            }
        }
        return buffer
    }
}
