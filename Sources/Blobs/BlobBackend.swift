import NIOCore

/// What keeps the objects of a `BlobStore`: a folder of this machine, or a bucket of S3. `BlobStore` says what each
/// function promises; a backend is never asked for an object at the root.
protocol BlobBackend: Sendable {
    func put(_ key: BlobKey, _ chunks: any AsyncSequence<ByteBuffer, any Error> & Sendable) async throws -> Int
    func info(_ key: BlobKey) async throws -> BlobInfo?
    func read(_ key: BlobKey) async throws -> BlobContent
    func list(_ key: BlobKey) async throws -> [BlobInfo]
    func portion(of key: BlobKey, after: String?, limit: Int) async throws -> BlobPortion
    func delete(_ key: BlobKey) async throws
    func localFolder(_ key: BlobKey) async throws -> LocalFolder
    func sparseFile(_ key: BlobKey) async throws -> SparseFile
    func check() async throws
}
