import NIOCore
import NIOPosix
import Wire

/// Objects as files of a folder. An object is written beside its place, made durable, and renamed.
///
/// File calls block, so they run on a thread pool; content is streamed both ways in chunks of `chunkBytes`.
struct LocalBlobs: BlobBackend {
    private let folder: String
    private let entropy: Entropy
    private let threads: NIOThreadPool

    static let chunkBytes = 256 << 10

    init(folder: String, entropy: Entropy, threads: NIOThreadPool) throws {
        self.folder = folder
        self.entropy = entropy
        self.threads = threads
        let partial = "\(folder)/\(BlobKey.reserved)"
        try? LocalFile.removeTree(partial)
        try LocalFile.makeFolders(partial)
    }

    func put(_ key: BlobKey, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> Int {
        let partial = "\(folder)/\(BlobKey.reserved)/\(entropy.hexID())"
        return try await PartialFile.store(chunks, to: path(of: key), by: partial, threads)
    }

    func info(_ key: BlobKey) async throws -> BlobInfo? {
        let path = path(of: key)
        return try await threads.runIfActive { try LocalFile.info(path, name: key.name) }
    }

    func read(_ key: BlobKey) async throws -> BlobContent {
        let path = path(of: key)
        return try await threads.runIfActive { [threads] in
            let file = try OpenFile(path: path, key: key)
            return BlobContent(info: file.info) { FileChunks(file: file, range: $0, threads: threads) }
        }
    }

    func list(_ key: BlobKey) async throws -> [BlobInfo] {
        let path = path(of: key)
        return try await threads.runIfActive {
            let names = try LocalFile.names(in: path).filter { !Self.isReserved($0, in: key) }
            return try names.sorted().compactMap { try LocalFile.info("\(path)/\($0)", name: $0) }
        }
    }

    func portion(of key: BlobKey, after: String?, limit: Int) async throws -> BlobPortion {
        let path = path(of: key)
        // The slash behind the name of a folder is a bucket's matter.
        let last = after.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        return try await threads.runIfActive {
            // One more tells whether there is another portion.
            var names = FirstNames(after: last, limit: limit + 1)
            try LocalFile.forEachName(in: path) { if !Self.isReserved($0, in: key) { names.add($0) } }
            let first = names.first
            let entries = try first.prefix(limit).compactMap { try LocalFile.info("\(path)/\($0)", name: $0) }
            return BlobPortion(entries, isLast: first.count <= limit)
        }
    }

    private static func isReserved(_ name: String, in key: BlobKey) -> Bool {
        key.path.isEmpty && name == BlobKey.reserved
    }

    func delete(_ key: BlobKey) async throws {
        let path = path(of: key)
        try await threads.runIfActive { try LocalFile.removeTree(path) }
    }

    func localFolder(_ key: BlobKey) async throws -> LocalFolder {
        LocalFolder(path: path(of: key))
    }

    func sparseFile(_ key: BlobKey) async throws -> SparseFile {
        let content = try await read(key)
        let target = path(of: key)
        let link = "\(folder)/\(BlobKey.reserved)/\(entropy.hexID())"
        return try await threads.runIfActive { [threads] in
            try SparseFile(of: content, at: target, link: link, threads: threads)
        }
    }

    /// It was made when the store was opened.
    func check() async throws {}

    private func path(of key: BlobKey) -> String {
        key.path.isEmpty ? folder : "\(folder)/\(key.path)"
    }
}
