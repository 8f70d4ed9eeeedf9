package import NIOCore
package import NIOPosix
package import Wire

/// Objects under keys, in a folder of this machine or in a bucket of S3. An object is there whole or not at all.
///
/// Content is streamed both ways with back-pressure: nothing is held whole in memory.
package struct BlobStore: Sendable {
    private let backend: any BlobBackend
    /// The ways past this server that a bucket offers clients; nil for a folder.
    package let links: BlobLinks?

    /// Objects as files. Makes the folder when it is not there and removes what a former process left unfinished.
    package init(folder: String, entropy: Entropy, threads: NIOThreadPool = .singleton) throws {
        backend = try LocalBlobs(folder: folder, entropy: entropy, threads: threads)
        links = nil
    }

    /// Objects in a bucket.
    /// - Parameters:
    ///   - copies: the folder of this machine for what programs must open as files; made when it is not there.
    ///   - clock: S3 refuses a request whose time is 15 minutes off.
    package init(
        s3 location: S3Location, copies: String, clock: WallClock, entropy: Entropy, backoff: S3Backoff = S3Backoff(),
        threads: NIOThreadPool = .singleton
    ) throws {
        let client = S3Client(location: location, clock: clock, entropy: entropy, backoff: backoff)
        let blobs = S3Blobs(
            client: client, copies: try LocalCopies(folder: copies, entropy: entropy, threads: threads))
        backend = blobs
        links = BlobLinks(blobs: blobs)
    }

    /// Asks the store whether it is there and lets this server in.
    /// - Throws: `BlobError` that says what is wrong with the settings.
    package func check() async throws {
        try await backend.check()
    }

    /// Stores an object from its chunks; returns once it is durable. Replaces an object of the same key.
    /// - Returns: its size in bytes.
    /// - Throws: `BlobError` when the store is full or does not answer, or a folder has this key; whatever the chunks
    ///   throw. Nothing is left then.
    @discardableResult
    package func put(
        _ key: BlobKey, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable
    ) async throws -> Int {
        guard !key.path.isEmpty else {
            throw BlobError(.invalidParameterValue, "The path of an artifact must end with a file name.")
        }
        return try await backend.put(key, chunks)
    }

    /// What is at `key`; nil when there is nothing.
    package func info(_ key: BlobKey) async throws -> BlobInfo? {
        try await backend.info(key)
    }

    /// The bytes of an object, or a range of them, read as they are consumed.
    /// - Throws: `BlobError` 404 when there is no object.
    package func read(_ key: BlobKey, range: Range<Int>? = nil) async throws -> BlobContent {
        let content = try await backend.read(key)
        return range.map(content.slice) ?? content
    }

    /// A whole object in memory.
    /// - Throws: `BlobError` when it is larger than `limit` bytes or not there.
    package func contents(_ key: BlobKey, limit: Int) async throws -> ByteBuffer {
        try await read(key).collect(limit: limit)
    }

    /// What lies directly below `key`, by name; empty when there is no such folder.
    package func list(_ key: BlobKey) async throws -> [BlobInfo] {
        try await backend.list(key)
    }

    /// Up to `limit` entries directly below `key`. Of a bucket only these are asked for; of a folder all names are read, but only
    /// these files are looked at and hardly more names held. Empty when there is no such folder.
    /// - Parameter after: the `next` of the portion before; the first portion when nil.
    package func portion(of key: BlobKey, after: String? = nil, limit: Int) async throws -> BlobPortion {
        try await backend.portion(of: key, after: after, limit: max(1, limit))
    }

    /// Removes an object, or a folder with everything in it. There may be nothing to remove.
    package func delete(_ key: BlobKey) async throws {
        guard !key.path.isEmpty else {
            throw BlobError(.invalidParameterValue, "The root of the artifact store cannot be deleted.")
        }
        try await backend.delete(key)
    }

    /// The files below `key` on this machine, for programs that open files themselves. A bucket's are copied first.
    package func localFolder(_ key: BlobKey) async throws -> LocalFolder {
        try await backend.localFolder(key)
    }

    /// The object at `key` as a file of this machine, for programs that look into it here and there. Of one in a bucket
    /// nothing is copied before it is fetched.
    /// - Throws: `BlobError` 404 when there is no object.
    package func sparseFile(_ key: BlobKey) async throws -> SparseFile {
        try await backend.sparseFile(key)
    }
}
