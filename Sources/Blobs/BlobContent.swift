package import NIOCore
import Wire

/// The bytes of an object, or a range of them, in chunks that are fetched only when they are asked for.
package struct BlobContent: AsyncSequence, Sendable {
    /// The object as it was when it was opened; never bytes of a later one.
    package let info: BlobInfo
    package let range: Range<Int>
    private let open: @Sendable (Range<Int>) -> any BlobChunks
    /// What has been asked for already.
    private let opened: (any BlobChunks)?

    init(
        info: BlobInfo, range: Range<Int>? = nil, opened: (any BlobChunks)? = nil,
        open: @escaping @Sendable (Range<Int>) -> any BlobChunks
    ) {
        self.info = info
        self.range = range ?? 0..<info.sizeBytes
        self.open = open
        self.opened = opened
    }

    /// The size of the whole object in bytes.
    package var totalBytes: Int { info.sizeBytes }

    /// The same object, another range of it.
    package func slice(_ range: Range<Int>) -> BlobContent {
        BlobContent(info: info, range: range.clamped(to: 0..<info.sizeBytes), open: open)
    }

    /// The same, asked for now: a store that has no time says so before anything of an answer has been sent.
    /// - Throws: `BlobError`.
    package func begun() async throws -> BlobContent {
        BlobContent(info: info, range: range, opened: try await open(range).begun(), open: open)
    }

    /// All of it in memory.
    /// - Throws: `BlobError` when it has more than `limit` bytes.
    package func collect(limit: Int) async throws -> ByteBuffer {
        guard range.count <= limit else {
            throw BlobError(
                .tooLarge,
                "'\(info.name)' has \(range.count) bytes, more than the \(limit) that are read at once.")
        }
        var whole = ByteBuffer()
        for try await var chunk in self { whole.writeBuffer(&chunk) }
        return whole
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(chunks: (opened ?? open(range)).makeAsyncIterator())
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var chunks: any AsyncIteratorProtocol<ByteBuffer, any Error>

        package mutating func next() async throws -> ByteBuffer? {
            try await chunks.next()
        }
    }
}

/// The bytes of a range of an object, as a store gives them.
protocol BlobChunks: AsyncSequence<ByteBuffer, any Error>, Sendable {
    /// The same, with the store already at it.
    func begun() async throws -> Self
}

extension BlobChunks {
    func begun() async throws -> Self { self }
}
