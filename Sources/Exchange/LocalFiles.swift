import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files of this machine below a folder.
struct LocalFileTree: FileTree {
    let root: String

    /// Nil when there is no such folder.
    init?(root: String) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
            return nil
        }
        self.root = root
    }

    func list(_ folder: String) async throws -> [FileEntry] {
        let place = folder.isEmpty ? root : "\(root)/\(folder)"
        return try await NIOThreadPool.singleton.runIfActive {
            try LocalFolder.entries(of: place, within: root).map { entry in
                let path = folder.isEmpty ? entry.name : "\(folder)/\(entry.name)"
                return switch entry.form {
                case .folder: FileEntry(path: path, isFolder: true, sizeBytes: 0)
                case .file(let sizeBytes): FileEntry(path: path, isFolder: false, sizeBytes: sizeBytes)
                case .obstacle(let reason):
                    FileEntry(path: path, isFolder: false, sizeBytes: 0, obstacle: reason)
                }
            }
        }
    }

    func read(_ path: String) async throws -> FileChunks {
        try LocalFileChunks(path: "\(root)/\(path)")
    }

    /// The files of somebody who may have none: MLflow makes folders when the first file comes.
    /// - Returns: nil when the store itself, some folders up, is not on this machine.
    static func files(of owner: FileOwner, at root: String) -> (any FileTree)? {
        if let tree = LocalFileTree(root: root) { return tree }
        let depth = owner.kind == .run ? 3 : 4
        let store = root.split(separator: "/").dropLast(depth).joined(separator: "/")
        return FileManager.default.fileExists(atPath: "/\(store)") ? NoFiles() : nil
    }

    /// The folder behind a `file:` URI or an absolute path; nil for a place elsewhere.
    static func path(ofURI uri: String) -> String? {
        if uri.hasPrefix("/") { return uri }
        guard uri.hasPrefix("file:") else { return nil }
        let path = "/" + uri.dropFirst("file:".count).drop { $0 == "/" }
        return path.removingPercentEncoding ?? path
    }
}

/// What somebody has who has no files.
struct NoFiles: FileTree {
    func list(_ folder: String) async throws -> [FileEntry] { [] }

    func read(_ path: String) async throws -> FileChunks {
        throw ExchangeError(.doesNotExist, "There is no file '\(path)'.")
    }
}

/// The bytes of a file of this machine, in chunks that are read when they are asked for.
struct LocalFileChunks: AsyncSequence, Sendable {
    private let file: File

    static let chunkBytes = 256 << 10

    init(path: String) throws {
        file = try File(path: path)
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(file: file)
    }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let file: File
        private var offset = 0

        fileprivate init(file: File) {
            self.file = file
        }

        mutating func next() async throws -> ByteBuffer? {
            let chunk = try await NIOThreadPool.singleton.runIfActive { [file, offset] in try file.read(at: offset) }
            offset += chunk.readableBytes
            return chunk.readableBytes > 0 ? chunk : nil
        }
    }

    /// A descriptor, closed when nobody reads it any more.
    fileprivate final class File: Sendable {
        private let descriptor: Int32
        private let path: String

        init(path: String) throws {
            self.path = path
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.failure(path) }
        }

        deinit {
            close(descriptor)
        }

        func read(at offset: Int) throws -> ByteBuffer {
            var buffer = ByteBuffer()
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: chunkBytes) { bytes in
                let got = pread(descriptor, bytes.baseAddress, chunkBytes, off_t(offset))
                guard got >= 0 else { throw Self.failure(path) }
                return got
            }
            return buffer
        }

        private static func failure(_ path: String) -> ExchangeError {
            ExchangeError(.invalidParameterValue, "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
    }
}

/// The lines of a text file, one after the other, without their ends.
struct LocalLines {
    private var chunks: LocalFileChunks.Iterator
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// A longer line is no record.
    private static let maximumBytes = 256 << 20

    init(path: String) throws {
        chunks = try LocalFileChunks(path: path).makeAsyncIterator()
    }

    mutating func next() async throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                start = end + 1
                return line
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Array(buffer[start...])
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            guard buffer.count <= Self.maximumBytes else {
                throw ExchangeError(.tooLarge, "A line is longer than \(Self.maximumBytes >> 20) MiB.")
            }
            if let chunk = try await chunks.next() {
                buffer.append(contentsOf: chunk.readableBytesView)
            } else {
                isAtEnd = true
            }
        }
    }
}
