import Foundation
import NIOCore
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Blocking calls on local files, with errors in words.
enum LocalFile {
    static func makeFolders(_ path: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw failure(ENOSPC, path)
        } catch {
            throw BlobError(
                .invalidParameterValue,
                "The folder '\(path)' cannot be made: a file is in the way, or it is not writable.")
        }
    }

    static func removeTree(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    static func names(in path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            return []
        }
        return try FileManager.default.contentsOfDirectory(atPath: path)
    }

    /// Nil when there is nothing at `path`.
    static func info(_ path: String, name: String) throws -> BlobInfo? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure(errno, path)
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        return BlobInfo(
            name: name, isFolder: isFolder, sizeBytes: isFolder ? 0 : Int(status.st_size),
            modifiedAt: Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000))
    }

    static func failure(_ code: Int32, _ path: String) -> BlobError {
        switch code {
        case ENOSPC, EDQUOT:
            BlobError(
                .storageFull, "The disk that holds the artifacts is full; nothing of this file was stored.",
                hint: "Free some space and send it again.")
        case ENAMETOOLONG: BlobError(.invalidParameterValue, "Invalid path: a name in it is too long.")
        case EISDIR, ENOTDIR, EEXIST, ENOTEMPTY:
            BlobError(.invalidParameterValue, "A folder and a file cannot share the name '\(path)'.")
        default: BlobError(.internalError, "'\(path)': \(String(cString: strerror(code)))")
        }
    }
}

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
}
