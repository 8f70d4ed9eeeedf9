package import NIOCore
package import NIOPosix
package import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Objects in a local folder. An object is there whole or not at all: it is written beside, made durable, and renamed.
///
/// File calls block, so they run on a thread pool; content is streamed both ways in chunks of `chunkBytes`.
package struct BlobStore: Sendable {
    package let folder: String
    private let entropy: Entropy
    private let threads: NIOThreadPool

    static let chunkBytes = 256 << 10

    /// Makes the folder when it is not there and removes what a former process left unfinished.
    package init(folder: String, entropy: Entropy, threads: NIOThreadPool = .singleton) throws {
        self.folder = folder
        self.entropy = entropy
        self.threads = threads
        let partial = "\(folder)/\(BlobKey.reserved)"
        try? LocalFile.removeTree(partial)
        try LocalFile.makeFolders(partial)
    }

    /// Stores an object from its chunks; returns once it is durable. Replaces an object of the same key.
    /// - Returns: its size in bytes.
    /// - Throws: `BlobError` when the disk is full or a folder has this key; whatever the chunks throw. Nothing is left
    ///   then.
    @discardableResult
    package func put(
        _ key: BlobKey, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable
    ) async throws -> Int {
        guard !key.path.isEmpty else {
            throw BlobError(.invalidParameterValue, "The path of an artifact must end with a file name.")
        }
        let target = path(of: key)
        let upload = try await threads.runIfActive { [folder, entropy] in
            try PartialFile(path: "\(folder)/\(BlobKey.reserved)/\(entropy.hexID())")
        }
        do {
            for try await chunk in chunks {
                try await threads.runIfActive { try upload.append(chunk) }
            }
            return try await threads.runIfActive { try upload.finish(as: target) }
        } catch {
            try? await threads.runIfActive { upload.discard() }
            throw error
        }
    }

    /// What is at `key`; nil when there is nothing.
    package func info(_ key: BlobKey) async throws -> BlobInfo? {
        let path = path(of: key)
        return try await threads.runIfActive { try LocalFile.info(path, name: key.name) }
    }

    /// The bytes of an object, or a range of them, read as they are consumed.
    /// - Throws: `BlobError` 404 when there is no object.
    package func read(_ key: BlobKey, range: Range<Int>? = nil) async throws -> FileChunks {
        let path = path(of: key)
        return try await threads.runIfActive { [threads] in
            let file = try OpenFile(path: path, name: key.path)
            return FileChunks(file: file, range: range ?? 0..<file.sizeBytes, threads: threads)
        }
    }

    /// A whole object in memory.
    /// - Throws: `BlobError` when it is larger than `limit` bytes or not there.
    package func contents(_ key: BlobKey, limit: Int) async throws -> ByteBuffer {
        let chunks = try await read(key)
        guard chunks.range.count <= limit else {
            throw BlobError(
                .tooLarge,
                "'\(key.path)' has \(chunks.range.count) bytes, more than the \(limit) that are read at once.")
        }
        var whole = ByteBuffer()
        for try await var chunk in chunks { whole.writeBuffer(&chunk) }
        return whole
    }

    /// What lies directly below `key`, by name; empty when there is no such folder.
    package func list(_ key: BlobKey) async throws -> [BlobInfo] {
        let path = path(of: key)
        return try await threads.runIfActive {
            try LocalFile.names(in: path)
                .filter { !(key.path.isEmpty && $0 == BlobKey.reserved) }
                .sorted()
                .compactMap { try LocalFile.info("\(path)/\($0)", name: $0) }
        }
    }

    /// Removes an object, or a folder with everything in it. There may be nothing to remove.
    package func delete(_ key: BlobKey) async throws {
        guard !key.path.isEmpty else {
            throw BlobError(.invalidParameterValue, "The root of the artifact store cannot be deleted.")
        }
        let path = path(of: key)
        try await threads.runIfActive { try LocalFile.removeTree(path) }
    }

    /// Where the files below `key` are on this machine, for programs that open files themselves.
    package func localFolder(_ key: BlobKey) -> String {
        path(of: key)
    }

    private func path(of key: BlobKey) -> String {
        key.path.isEmpty ? folder : "\(folder)/\(key.path)"
    }
}
